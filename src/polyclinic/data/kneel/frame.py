"""Where the coordinates of KNEEL's table point.

Each film was resampled to 0.3 mm, given a border of 100 pixels, and a square of 466 pixels was
cut out; the squares of left knees were mirrored. Of these the table counts x' = 466 - x, while
pixel x of the square lies at 465 - x of the mirrored picture: the table's points of left knees
lie one pixel to the right of what they mark.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample import Sample

SIDE = 466
"""Pixels on each side of a picture."""

SPACING_MM = 0.3
BORDER = 100
"""Pixels around the resampled film."""

BBOX = "kneel_bbox"
"""Key of an image that keeps the square: x1, y1, x2, y2 on the resampled film with its border."""

PATIENT_SIDE = "side"
"""Label of a picture: whose knee it is. It is no laterality: every picture shows a right knee."""

Points = NDArray[np.float64]


def in_picture(points: Points, *, mirrored: bool) -> Points:
    """(K, 2) x, y of the table as pixel indices of the picture."""
    return points - (1, 0) if mirrored else points


def on_film(landmarks: Points, sample: Sample) -> Points:
    """Landmarks of a picture as pixel indices of its film at 0.3 mm, without the border.

    Args:
        landmarks: (K, 2 or more) x, y and whatever else; pixel indices of the picture.
        sample: the picture, as it was opened.

    Raises:
        DataError: the sample does not say where on its film it lay.
    """
    if BBOX not in sample.extra:
        raise DataError(
            "its place on the film is not known",
            expected=f"{BBOX}, as from KNEEL's table",
            where=str(sample.image_id),
        )
    placed = landmarks.copy()
    if sample.labels.get(PATIENT_SIDE) == "left":
        placed[:, 0] = SIDE - 1 - placed[:, 0]
    placed[:, :2] += np.array(sample.extra[BBOX][:2]) - BORDER
    return placed
