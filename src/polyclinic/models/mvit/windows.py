"""Cut a map into windows, a map of its own for each head, and put it together again.

Suffixes of tensor names: b images, h height, w width, k heads, d channels of one head, n windows
of all images and heads, s and t height and width of a window.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor

from polyclinic.geometry import Size


def cut_windows(map_bhwkd: Tensor, window: Size) -> Tensor:
    """Cut maps into windows, row by row; zeros fill up the last row and column.

    Args:
        map_bhwkd: heads side by side.
        window: (height, width) in cells; that of the map for a single one.

    Returns:
        (images * windows * heads, height, width, d) with ceil(h / height) * ceil(w / width)
        windows a map.
    """
    batch, height, width, heads, channels = map_bhwkd.shape
    down, across = -(-height // window[0]), -(-width // window[1])
    below, right = down * window[0] - height, across * window[1] - width
    if below or right:
        map_bhwkd = F.pad(map_bhwkd, (0, 0, 0, 0, 0, right, 0, below))
    grid = map_bhwkd.reshape(batch, down, window[0], across, window[1], heads, channels)
    return grid.permute(0, 1, 3, 5, 2, 4, 6).reshape(-1, *window, channels)


def join_windows(windows_nstd: Tensor, heads: int, size: Size) -> Tensor:
    """Undo `cut_windows`: (b, h, w, heads * d) of the given height and width."""
    _, high, wide, channels = windows_nstd.shape
    height, width = size
    down, across = -(-height // high), -(-width // wide)
    grid = windows_nstd.reshape(-1, down, across, heads, high, wide, channels)
    whole = grid.permute(0, 1, 4, 2, 5, 3, 6).reshape(
        -1, down * high, across * wide, heads * channels
    )
    return whole[:, :height, :width]
