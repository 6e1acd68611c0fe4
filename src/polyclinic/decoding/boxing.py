"""Arithmetic of boxes, (N, 4) x1, y1, x2, y2 in float32."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Size

Floats = NDArray[np.float32]
Weights = tuple[float, float, float, float]

LARGEST_CORRECTION = np.float32(math.log(1000 / 16))
"""Of the logarithm of a side; larger ones are cut."""


def correct(boxes: Floats, corrections: Floats, weights: Weights = (1, 1, 1, 1)) -> Floats:
    """Move and stretch boxes (Girshick et al., R-CNN, 2014, equations 1 to 4).

    Args:
        boxes: to start from.
        corrections: (N, 4) shift of the middle in sides, then logarithms of the stretch.
        weights: by which they are divided.
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    middle = boxes[:, :2] + np.float32(0.5) * sides
    given = corrections / np.array(weights, np.float32)
    moved = given[:, :2] * sides + middle
    half = np.exp(np.minimum(given[:, 2:], LARGEST_CORRECTION)) * sides * np.float32(0.5)
    return np.concatenate([moved - half, moved + half], axis=1)


def clip(boxes: Floats, size: Size) -> Floats:
    """Boxes cut at the edges of an image of (height, width)."""
    height, width = size
    return np.clip(boxes, 0, np.array([width, height, width, height], np.float32))


def highest(scores: Floats, number: int) -> NDArray[np.intp]:
    """Rows of the highest scores, best first."""
    if number < len(scores):
        rows = np.argpartition(scores, len(scores) - number)[len(scores) - number :]
    else:
        rows = np.arange(len(scores))
    return np.asarray(rows[np.argsort(-scores[rows], kind="stable")])


def suppress(
    boxes: Floats, scores: Floats, groups: NDArray[np.integer], iou: float
) -> NDArray[np.intp]:
    """Rows that no better box of their group overlaps by more than `iou`, best first.

    Args:
        boxes: all.
        scores: (N,).
        groups: (N,) from 0; boxes of other groups are no rivals.
        iou: intersection over union.
    """
    order = np.argsort(-scores, kind="stable")
    corners = boxes[order].astype(np.float64)
    sides = np.column_stack([corners[:, :2], corners[:, 2:] - corners[:, :2]])
    # OpenCV wants scores above 0: any that fall will do.
    falling = np.arange(len(order), 0, -1, dtype=np.float32)
    group_of = groups[order]
    places = [np.empty(0, np.intp)]
    for group in np.unique(group_of):
        own = np.flatnonzero(group_of == group)
        kept = cv2.dnn.NMSBoxes(sides[own], falling[own], 0.0, iou)  # type: ignore[arg-type]
        places.append(own[np.asarray(kept, np.intp).reshape(-1)])
    return np.asarray(order[np.sort(np.concatenate(places))])
