"""Landmarks of objects."""

from __future__ import annotations

import numpy as np

from polyclinic.decoding.decoder import Decoder, Found
from polyclinic.decoding.draft import Draft


class LandmarkDecoder(Decoder):
    """Adds landmarks to instances.

    Args:
        margin: share of its size by which each box was widened, a side.
        not_taught: rows of the landmarks that are not read: they have no place.
    """

    margin: float
    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: Draft) -> None:
        """Write landmarks in original pixels; visibility is 2 where they were taught, else 0.

        Args:
            found: `rows` (M,) of the instances whose class carries landmarks; of these `places`
                (M, K, 2) in the widened boxes, 0 to 1, `confidence` (M, K) and `boxes` (M, 4)
                corner-origin network pixels.
            draft: has the instances.
        """
        boxes = found["boxes"].astype(np.float64)
        sides = boxes[:, 2:] - boxes[:, :2]
        corner, span = boxes[:, :2] - self.margin * sides, sides * (1 + 2 * self.margin)
        points = corner[:, None] + found["places"].astype(np.float64) * span[:, None] - 0.5
        moved = draft.to_network.inverse().points(points.reshape(-1, 2)).reshape(points.shape)
        confidence = found["confidence"].astype(np.float64)
        instances = draft.instances or []
        for row, xy, sure in zip(found["rows"], moved, confidence, strict=True):
            landmarks = np.column_stack([xy, np.full(len(xy), 2.0)])
            sure = np.clip(sure, 0, 1)
            landmarks[list(self.not_taught)] = 0.0
            sure[list(self.not_taught)] = 0.0
            instances[row]["landmarks"] = landmarks
            instances[row]["landmark_confidence"] = sure
