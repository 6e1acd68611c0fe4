"""Cut a map into square windows and put it together again.

Suffixes of tensor names: n maps, h height, w width, c channels, m windows, s side of a window.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def cut_windows(map_nhwc: Tensor, side: int) -> Tensor:
    """Cut maps into windows, row by row; zeros fill up the last row and column.

    Returns:
        (n * windows, side, side, c) with ceil(h / side) * ceil(w / side) windows a map.
    """
    maps, height, width, channels = map_nhwc.shape
    down, across = -(-height // side), -(-width // side)
    if (down * side, across * side) != (height, width):
        map_nhwc = F.pad(map_nhwc, (0, 0, 0, across * side - width, 0, down * side - height))
    grid = map_nhwc.reshape(maps, down, side, across, side, channels)
    return grid.transpose(2, 3).reshape(maps * down * across, side, side, channels)


def join_windows(windows_mssc: Tensor, size: tuple[int, int]) -> Tensor:
    """Undo `cut_windows` for maps of the given height and width: (n, h, w, c)."""
    side, channels = windows_mssc.shape[1], windows_mssc.shape[-1]
    height, width = size
    down, across = -(-height // side), -(-width // side)
    grid = windows_mssc.reshape(-1, down, across, side, side, channels)
    whole = grid.transpose(2, 3).reshape(-1, down * side, across * side, channels)
    return whole[:, :height, :width]
