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
    rows = np.arange(size[0])
    low, high = np.full(size[0], -np.inf), np.full(size[0], np.inf)
    # Rows that run nearly along an edge cross it at infinity.
    with np.errstate(over="ignore"):
        for slope, down, origin in edges.tolist():
            inside = down * rows + origin
            if slope > 0:
                low = np.maximum(low, -inside / slope)
            elif slope < 0:
                high = np.minimum(high, -inside / slope)
            else:
                low[inside < 0] = np.inf
    first = np.clip(np.ceil(low), 0, size[1]).astype(np.int64)
    stop = np.clip(np.floor(high) + 1, 0, size[1]).astype(np.int64)
    return first, np.maximum(first, stop)


def fill_beside(
    image: Pixels, first: Columns, stop: Columns, fill: tuple[float, ...] | float
) -> None:
    """Write `fill` left of `first` and from `stop` on in each row of an (H, W[, C]) image.

    The image lies in memory without gaps: what follows a run of columns up to that of the next
    row is then one piece.
    """
    height, width = image.shape[:2]
    channels = image.size // (height * width)
    colour = np.asarray(fill).astype(image.dtype).reshape(-1)
    if (colour == colour[0]).all():
        # One number is written along a row in a fraction of the time of one for each channel.
        pixels, colour, unit = image.reshape(-1, 1), colour[:1], channels
    else:
        pixels, unit = image.reshape(-1, channels), 1
    rows = np.arange(height) * width
    begins = np.concatenate([[0], rows + stop]) * unit
    ends = np.concatenate([rows + first, [height * width]]) * unit
    gaps = np.flatnonzero(ends > begins)
    for begin, end in zip(begins[gaps].tolist(), ends[gaps].tolist(), strict=True):
        pixels[begin:end] = colour
