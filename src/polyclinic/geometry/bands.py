"""Resample three channels as four, in bands of rows, and only where something is seen.

OpenCV reads and mixes a pixel of four channels in about half the time of one with three. What
lies on the rim or outside takes longer than what lies inside: so the edge is copied once around
the image, and bands end where nothing more is seen. A band stays in the cache until its fourth
channel is dropped again.
"""

from __future__ import annotations

from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.cover import Columns
from polyclinic.sample import Pixels

_ROWS = 64
# A fourth channel for each pixel of a far larger image would take longer than it saves.
_LARGEST_SOURCE = 8
_TYPES = (np.uint8, np.uint16, np.float32)


def pays(image: Pixels, size: tuple[int, int]) -> bool:
    """Whether `resample_in_bands` is possible and the faster way into a (height, width) frame."""
    return (
        image.shape[2:] == (3,)
        and image.dtype in _TYPES
        and image.shape[0] * image.shape[1] <= _LARGEST_SOURCE * size[0] * size[1]
    )


def resample_in_bands(
    image: Pixels,
    matrix: NDArray[np.float64],
    size: tuple[int, int],
    covered: tuple[Columns, Columns],
) -> Pixels:
    """Interpolate linearly in an (H, W, 3) image, with its nearest edge colour outside.

    Args:
        image: pixels; not written to.
        matrix: (3, 3) from image to frame.
        size: (height, width) of the frame.
        covered: first column of each row that is wanted, and one past the last. Pixels beside
            them may hold anything.
    """
    four = _widened(image)
    # Beyond the copied edge lies nothing that is wanted, unless a perspective is so steep that
    # rounding throws a pixel that far.
    border = cv2.BORDER_REPLICATE if matrix[2, :2].any() else cv2.BORDER_CONSTANT
    matrix = matrix @ np.array([[1, 0, -1], [0, 1, -1], [0, 0, 1.0]])
    frame = np.empty((*size, 3), image.dtype)
    room = np.empty(min(_ROWS, size[0]) * size[1] * 4, image.dtype)
    tops = np.arange(0, size[0], _ROWS)
    first, stop = covered
    seen = stop > first
    lefts = np.minimum.reduceat(np.where(seen, first, size[1]), tops)
    rights = np.maximum.reduceat(np.where(seen, stop, 0), tops)
    for top, left, right in zip(tops.tolist(), lefts.tolist(), rights.tolist(), strict=True):
        if right > left:
            part = frame[top : top + _ROWS, left:right]
            rows, columns = part.shape[:2]
            band = room[: rows * columns * 4].reshape(rows, columns, 4)
            to_band = matrix - np.array([[left], [top], [0]]) * matrix[2]
            cv2.warpPerspective(four, to_band, (columns, rows), band, cv2.INTER_LINEAR, border)
            cv2.cvtColor(band, cv2.COLOR_RGBA2RGB, part)
    return cast(Pixels, frame)


def _widened(image: Pixels) -> Pixels:
    """(H + 2, W + 2, 4): a fourth channel, and the edge once more all around."""
    height, width = image.shape[:2]
    four = np.empty((height + 2, width + 2, 4), image.dtype)
    cv2.cvtColor(image, cv2.COLOR_RGB2RGBA, four[1:-1, 1:-1])
    four[0], four[-1] = four[1], four[-2]
    four[:, 0], four[:, -1] = four[:, 1], four[:, -2]
    return cast(Pixels, four)
