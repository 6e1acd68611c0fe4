"""Several findings that may be present together."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft


class LabelDecoder(Decoder):
    """Writes a finding a label.

    Args:
        values: names of the absent and of the present value, by label.
    """

    values: dict[str, tuple[str, str]]

    def decode(self, found: Found, draft: Draft) -> None:
        """Write a finding a label: the probabilities of its absent and of its present value.

        Args:
            found: `logits` (L,).
            draft: gets the findings.
        """
        shares = expit(found["logits"].astype(np.float64)).tolist()
        for (label, (absent, present)), share in zip(self.values.items(), shares, strict=True):
            draft.findings[label] = {absent: 1 - share, present: share}
