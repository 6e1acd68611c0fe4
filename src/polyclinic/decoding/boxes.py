"""Objects: boxes, classes and scores."""

from __future__ import annotations

import numpy as np

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft


class BoxDecoder(Decoder):
    """Writes the instances; other decoders add to them."""

    def decode(self, found: Found, draft: Draft) -> None:
        """Write boxes, classes and scores in original pixels.

        Args:
            found: `boxes` (N, 4) corner-origin network pixels, `labels` (N,), `scores` (N,) in
                descending order, `probabilities` (N, 1 + C), background first.
            draft: gets instances.
        """
        moved = draft.to_network.inverse().boxes(found["boxes"].astype(np.float64) - 0.5)
        height, width = draft.sample.size
        moved = np.clip(moved, -0.5, np.array([width, height, width, height]) - 0.5)
        labels, scores = found["labels"].tolist(), found["scores"].tolist()
        shares = found["probabilities"][:, 1:].astype(np.float64)
        draft.instances = [
            {"box": box, "category": label, "score": score, "probabilities": share}
            for box, label, score, share in zip(moved, labels, scores, shares, strict=True)
        ]
