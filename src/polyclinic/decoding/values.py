"""One value of several: a class or a grade of the image as a whole."""

from __future__ import annotations

import numpy as np
from scipy.special import softmax

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft


class ValueDecoder(Decoder):
    """Writes a finding.

    Args:
        label: its name.
        values: what it may be, in order.
    """

    label: str
    values: tuple[str, ...]

    def decode(self, found: Found, draft: Draft) -> None:
        """Write the probability of each value, in the order of the answer; they add up to 1.

        Args:
            found: `logits` (C,).
            draft: gets the finding.
        """
        shares = softmax(found["logits"].astype(np.float64)).tolist()
        draft.findings[self.label] = dict(zip(self.values, shares, strict=True))
