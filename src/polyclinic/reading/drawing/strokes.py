"""Smooth lines of any thickness, also thinner than a pixel.

OpenCV's own anti-aliased lines come in whole pixels and grow at every joint, which turns the
outline of a thin vessel into a thick band. Here the share of each pixel that a line covers is
found on a grid four times as fine.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.reading.palette import Colour

Line = NDArray[np.float64]

_FINE = 4
# OpenCV takes positions in 1/8 of a fine pixel.
_SHIFT = 3


def stroke(
    pixels: NDArray[np.uint8],
    lines: list[Line],
    colour: Colour,
    *,
    width: float,
    closed: bool = True,
    opacity: float = 1.0,
) -> None:
    """Blend (N, 2) lines into a picture; lines that cross do not darken each other.

    Args:
        pixels: (H, W, 3), changed in place.
        lines: x, y with pixel centres at integers; a line of one point is a dot.
        colour: RGB.
        width: in pixels.
        closed: whether the last point is joined to the first.
        opacity: 0 to 1.
    """
    if not lines:
        return
    margin = math.ceil(width) + 1
    corners = np.concatenate(lines)
    low = np.maximum(np.floor(corners.min(0)).astype(int) - margin, 0)
    high = np.ceil(corners.max(0)).astype(int) + margin + 1
    tile = pixels[low[1] : max(high[1], 0), low[0] : max(high[0], 0)]
    if not tile.size:
        return
    rows, columns = tile.shape[:2]
    fine = np.zeros((rows * _FINE, columns * _FINE), np.uint8)
    placed = [np.round(((line - low + 0.5) * _FINE - 0.5) * 2**_SHIFT) for line in lines]
    thickness = max(1, round(width * _FINE))
    points = [line.astype(np.int32) for line in placed]
    cv2.polylines(fine, points, closed, 255, thickness, cv2.LINE_8, _SHIFT)
    share = cv2.resize(fine, (columns, rows), interpolation=cv2.INTER_AREA)
    alpha = share[..., None] * (opacity / 255)
    tile[:] = np.round((1 - alpha) * tile + alpha * np.array(colour))
