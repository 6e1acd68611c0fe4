"""The box that belongs to a set of landmarks.

Data sets draw it in their own way: tight around the points, around the whole object, or at a
fixed size around a single point. So how far each edge lies from the hull of the landmarks is
taken from the annotations, and boxes of found landmarks are drawn like the annotated ones.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample.instance import Instance

Margins = tuple[float, float, float, float]
"""From the hull outwards to the left, top, right and bottom edge, as shares of the scale."""

OUTWARDS = np.array([-1, -1, 1, 1])
LEAST_REACH = 0.5
"""A box is at least a pixel wide: the hull of one point has no size."""
_ROUNDING = 1e-6


def box_around(
    points: NDArray[np.float64], margins: Margins, size: tuple[int, int]
) -> NDArray[np.float64]:
    """(4,) box around found landmarks, inside the image.

    Args:
        points: (K, 2) x, y in pixels.
        margins: see `usual_margins`.
        size: (height, width) of the image.
    """
    hull = _hull(points)
    box = hull + OUTWARDS * np.array(margins) * _scale(hull, size)
    middle = (box[:2] + box[2:]) / 2
    reach = np.maximum((box[2:] - box[:2]) / 2, LEAST_REACH)
    edges = np.array([size[1], size[0]]) - 0.5
    middle = np.clip(middle, LEAST_REACH - 0.5, edges - LEAST_REACH)
    box = np.concatenate([middle - reach, middle + reach])
    return np.clip(box, -0.5, np.tile(edges, 2))


def usual_margins(seen: Iterable[tuple[Instance, tuple[int, int]]]) -> Margins | None:
    """Median margin of each edge of the annotated boxes; None where nothing tells.

    Only objects with all their landmarks count, as found ones have all; where there is none, all
    with two or more do.

    Args:
        seen: annotated objects, each with the (height, width) of its image.
    """
    whole: list[NDArray[np.float64]] = []
    partial: list[NDArray[np.float64]] = []
    for instance, size in seen:
        if instance.landmarks is None or instance.crowd:
            continue
        labelled = instance.landmarks[:, 2] > 0
        if labelled.sum() < min(2, len(labelled)):
            continue
        hull = _hull(instance.landmarks[labelled, :2])
        margins = OUTWARDS * (instance.box - hull) / _scale(hull, size)
        (whole if labelled.all() else partial).append(margins)
    if not (whole or partial):
        return None
    left, top, right, bottom = np.median(whole or partial, axis=0).tolist()
    return left, top, right, bottom


def sizeless(instance: Instance) -> bool:
    """Whether landmarks alone have drawn the box, so that nobody knows how large the object is.

    So it is for a single landmark, and for landmarks in one row or column: a side of the box is
    no longer than a pixel. A mask says the size whatever the box.
    """
    if instance.landmarks is None or instance.mask is not None:
        return False
    x1, y1, x2, y2 = instance.box.tolist()
    return bool(min(x2 - x1, y2 - y1) <= 2 * LEAST_REACH + _ROUNDING)


def _hull(points: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.concatenate([points.min(0), points.max(0)])


def _scale(hull: NDArray[np.float64], size: tuple[int, int]) -> float:
    """Longest side of the hull; of the image where the points are one."""
    longest = float(max(hull[2:] - hull[:2]))
    return longest if longest > 1 else float(max(size))
