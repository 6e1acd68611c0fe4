"""Landmarks of the one object of an image."""

from __future__ import annotations

import numpy as np

from polyclinic.decoding.decoder import Decoder, Found, refuse_second
from polyclinic.decoding.draft import Draft
from polyclinic.sample.landmark_box import Margins, box_around

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

    def decode(self, found: Found, draft: Draft) -> None:
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
