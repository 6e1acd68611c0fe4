"""The values of one COCO annotation in our pixel convention.

COCO boxes are (x, y, width, height) from the image's corner; ours are edges around pixel centres
at integers, half a pixel less. COCO keypoints are pixel indices, as ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.coco.faults.numbers import are_finite, plain_numbers
from polyclinic.data.coco.segmentation import plain_segmentation
from polyclinic.sample import Mask
from polyclinic.sample.rle import mask_from_coco

Size = tuple[int, int]


def instance_box(
    row: Mapping[str, Any], size: Size, mask: Mask | None, landmarks: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    """(4,) edges clipped to the frame: of `bbox`, else around the mask, else the landmarks.

    A box that `box_findings` calls an error counts as none. NaN where there is none of the three.
    """
    box = sound_box(row.get("bbox"), size)
    if box is None:
        return mask.box() if mask is not None else _around(landmarks)
    x, y, width, height = box
    right, bottom = size[1] - 0.5, size[0] - 0.5
    return np.array(
        [
            min(max(x - 0.5, -0.5), right),
            min(max(y - 0.5, -0.5), bottom),
            min(max(x + width - 0.5, -0.5), right),
            min(max(y + height - 0.5, -0.5), bottom),
        ],
        float,
    )


def sound_box(bbox: object, size: Size) -> list[float] | None:
    """x, y, width, height of a box with an area inside the image; None for anything else."""
    box = plain_numbers(bbox)
    if box is None or len(box) != 4 or not are_finite(box):
        return None
    x, y, width, height = box
    inside = x < size[1] and y < size[0] and x + width > 0 and y + height > 0
    return box if width > 0 and height > 0 and inside else None


def read_mask(row: Mapping[str, Any], size: Size) -> Mask | None:
    """The mask; None where `segmentation` is missing, null or empty: not annotated.

    Raises:
        DataError: it can't be read.
    """
    segmentation = plain_segmentation(row.get("segmentation"), size)
    return None if segmentation is None else mask_from_coco(segmentation, size)


def read_landmarks(
    row: Mapping[str, Any], size: Size, *, landmarks_complete: bool = False
) -> NDArray[np.float64] | None:
    """(K, 3) x, y, visibility; visibility 0 for points outside the frame; None: not annotated."""
    if not row.get("keypoints"):
        return None
    keypoints = plain_numbers(row["keypoints"])
    landmarks = np.array(keypoints, float).reshape(-1, 3)
    if not landmarks[:, 2].any() and not landmarks_complete:
        return None
    if not all_inside(keypoints or [], size):
        landmarks[outside(landmarks, size), 2] = 0
    return landmarks


def all_inside(keypoints: list[float], size: Size) -> bool:
    """Whether every point of a flat list lies in the frame, labelled or not; fast."""
    x, y = keypoints[0::3], keypoints[1::3]
    height, width = size
    return min(x) >= -0.5 and min(y) >= -0.5 and max(x) <= width - 0.5 and max(y) <= height - 0.5


def outside(landmarks: NDArray[np.float64], size: Size) -> NDArray[np.bool_]:
    """(K,) which labelled landmarks lie beyond the outer pixels' edges."""
    x, y, visible = landmarks.T
    height, width = size
    beyond = (x < -0.5) | (y < -0.5) | (x > width - 0.5) | (y > height - 0.5)
    return np.asarray(beyond & (visible > 0))


def _around(landmarks: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if landmarks is None or not (landmarks[:, 2] > 0).any():
        return np.full(4, np.nan)
    seen = landmarks[landmarks[:, 2] > 0, :2]
    return np.concatenate([seen.min(0) - 0.5, seen.max(0) + 0.5])
