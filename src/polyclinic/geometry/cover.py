"""What of a frame a homography fills from another one, and what lies beside it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry.homography import Homography
from polyclinic.sample import Pixels

Columns = NDArray[np.int64]

# Centres that lie on the edge of the source frame are inside, whatever rounding makes of them.
_SLACK = 1e-9


def covered_columns(
    homography: Homography, frame: tuple[int, int], size: tuple[int, int]
) -> tuple[Columns, Columns]:
    """First column of each target row whose centre lies in the source frame, and one past the last.

    The source frame is convex, so these are one run of columns, between where the row crosses the
    four edges. Nothing appears from behind the horizon.

    Args:
        homography: source to target pixels.
        frame: (height, width) of the source.
        size: (height, width) of the target.

    Returns:
        Two arrays of one column a row; they are equal where the row sees nothing.
    """
    x, y, weight = np.linalg.inv(homography.matrix)
    # How far inside each edge a target pixel lies, times its weight: (4, 3) on (column, row, 1).
    edges: NDArray[np.float64] = np.array(
        [
            x + 0.5 * weight,
            (frame[1] - 0.5) * weight - x,
            y + 0.5 * weight,
            (frame[0] - 0.5) * weight - y,
        ]
    )
    edges += _SLACK * weight
    slope = edges[:, :1]
    at_first_column = edges[:, 1:2] * np.arange(size[0]) + edges[:, 2:]
    # Rows that run along an edge cross it at infinity, or nowhere.
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        crossing = -at_first_column / slope
    level = np.where(at_first_column >= 0, -np.inf, np.inf)
    low = np.where(slope > 0, crossing, np.where(slope < 0, -np.inf, level)).max(0)
    high = np.where(slope < 0, crossing, np.inf).min(0)
    first = np.clip(np.ceil(low), 0, size[1]).astype(np.int64)
    stop = np.clip(np.floor(high) + 1, 0, size[1]).astype(np.int64)
    return first, np.maximum(first, stop)


def fill_beside(
    image: Pixels, first: Columns, stop: Columns, fill: tuple[float, ...] | float
) -> None:
    """Write `fill` left of `first` and from `stop` on in each row of an (H, W[, C]) image."""
    colour = np.asarray(fill).astype(image.dtype)
    short = np.flatnonzero((first > 0) | (stop < image.shape[1]))
    for row, begin, end in zip(
        short.tolist(), first[short].tolist(), stop[short].tolist(), strict=True
    ):
        if begin:
            image[row, :begin] = colour
        if end < image.shape[1]:
            image[row, end:] = colour
