"""Landmarks: of objects, and of the one object of an image."""

from __future__ import annotations

import numpy as np

from polyclinic.decoding.decoder import Decoder, Found, ReadingBuilder, refuse_second
from polyclinic.sample.landmark_box import Margins, box_around


class LandmarkDecoder(Decoder):
    """Adds landmarks to instances.

    Args:
        margin: share of its size by which each box was widened, a side.
        not_taught: rows of the landmarks that are not read: they have no place.
    """

    margin: float
    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
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


TIGHT: Margins = (0.0, 0.0, 0.0, 0.0)


class PointDecoder(Decoder):
    """Writes the only object.

    Args:
        category: its class; None where objects of several classes have landmarks, which are not
            told apart.
        margins: of the box around its landmarks.
        not_taught: rows of the landmarks that are not read: they have no place.
    """

    category: int | None
    margins: Margins = TIGHT
    not_taught: tuple[int, ...] = ()

    def decode(self, found: Found, draft: ReadingBuilder) -> None:
        """Write the one object: its landmarks, visible where taught, and the box around them.

        Its score is the mean confidence of its landmarks.

        Args:
            found: `points` (K, 2) network pixels, centres at integers, `confidence` (K,).
            draft: gets the instance.

        Raises:
            ConfigError: another task of the network has written instances already.
        """
        refuse_second(
            draft,
            "points",
            "instances with landmarks for several objects, or points for the only one",
        )
        points = draft.to_network.inverse().points(found["points"].astype(np.float64))
        confidence = found["confidence"].astype(np.float64)
        landmarks = np.column_stack([points, np.full(len(points), 2.0)])
        landmarks[list(self.not_taught)] = 0.0
        confidence[list(self.not_taught)] = 0.0
        read = landmarks[:, 2] > 0
        draft.instances = [
            {
                "box": box_around(points[read], self.margins, draft.sample.size),
                "category": self.category,
                "landmarks": landmarks,
                "landmark_confidence": confidence,
                "score": float(confidence[read].mean()),
            }
        ]
