"""Spots to pixels, at any resolution."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Plane = NDArray[np.float32]
Floats = NDArray[np.float64]

_SPREAD = 1 / 6  # variance in px² that sharing a point out between four pixels adds on average
_LEAST = 0.05


def paint_spots(places: Floats, peaks: Floats, width: float, side: int) -> Plane:
    """(side, side) sum of Gaussian spots.

    All spots are put down as points and blurred at once, so that thousands cost little.

    Args:
        places: (N, 2) x and y in the unit square; those outside of it shine in.
        peaks: (N,) brightness in the middle of each.
        width: standard deviation as a share of the side.
        side: of the image in px.
    """
    wide = width * side
    margin = int(np.ceil(3 * wide)) + 1
    full = side + 2 * margin
    points = _points(places * side - 0.5 + margin, 2 * np.pi * wide**2 * peaks, full)
    left = float(np.sqrt(max(wide**2 - _SPREAD, _LEAST)))
    spread = cv2.GaussianBlur(points, (0, 0), left, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(spread[margin:-margin, margin:-margin])


def _points(places: Floats, weights: Floats, side: int) -> Plane:
    """Share each weight out between the four pixels around its place."""
    corner = np.floor(places).astype(np.intp)
    inside = ((corner >= 0) & (corner < side - 1)).all(1)
    corner, weights = corner[inside], weights[inside]
    x, y = (places[inside] - corner).T
    first = corner[:, 1] * side + corner[:, 0]
    at = np.concatenate([first, first + 1, first + side, first + side + 1])
    shares = np.concatenate([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])
    plane = np.bincount(at, shares * np.tile(weights, 4), minlength=side * side)
    return plane.reshape(side, side).astype(np.float32)


def far_blur(plane: Plane, reach: float) -> Plane:
    """The plane, blurred widely; worked out on a coarse copy.

    Args:
        plane: (side, side).
        reach: standard deviation as a share of the side; 0.04 or more.
    """
    side = len(plane)
    coarse = min(side, 32)
    small = cv2.resize(plane, (coarse, coarse), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), reach * coarse)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC))
