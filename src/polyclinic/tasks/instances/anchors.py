"""Boxes of several shapes at every cell of several maps (Ren et al., Faster R-CNN, 2015)."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.models.detection.anchor_utils import AnchorGenerator


class AnchorGrid:
    """Anchors of each level, `stride` network pixels apart.

    torchvision's generator is asked for shapes and grid only. Called as a whole it would divide
    the frame by the cells to find the stride, which is wrong where a map was rounded up (288
    pixels and 5 cells of p6), and would round anchors to the type of the maps: in bfloat16 by
    pixels.

    Args:
        levels: names of the maps, such as `p2`: a cell of it spans 2^2 pixels.
        sizes: square root of the anchors' area, one a level.
        ratios: height / width.
    """

    def __init__(
        self, levels: Sequence[str], sizes: Sequence[int], ratios: tuple[float, ...]
    ) -> None:
        self.shapes = AnchorGenerator(tuple((size,) for size in sizes), (ratios,) * len(sizes))
        self.strides = [2 ** int(level[1:]) for level in levels]
        self.a_cell = len(ratios)

    def boxes(self, maps: Sequence[Tensor]) -> Tensor:
        """(A, 4) corner-origin anchors of all levels, by row, column, ratio."""
        self.shapes.set_cell_anchors(torch.float32, maps[0].device)
        grids = [list(one.shape[-2:]) for one in maps]
        found = self.shapes.grid_anchors(grids, [[stride, stride] for stride in self.strides])
        return torch.cat(found)

    def cell_anchors(self) -> tuple[tuple[tuple[float, float, float, float], ...], ...]:
        """Anchors around the corner of a cell, by level and ratio."""
        self.shapes.set_cell_anchors(torch.float32, torch.device("cpu"))
        return tuple(tuple(tuple(box) for box in one.tolist()) for one in self.shapes.cell_anchors)

    def rows_inside(self, maps: Sequence[Tensor], size: tuple[int, int]) -> list[Tensor]:
        """Row numbers, a level, of the anchors centred in an image of (height, width).

        The rest of the frame is padding: what is there depends on the other images of the batch.
        """
        device, offset, rows = maps[0].device, 0, []
        for one, stride in zip(maps, self.strides, strict=True):
            height, width = one.shape[-2:]
            y = torch.arange(min(height, -(-size[0] // stride)), device=device)
            x = torch.arange(min(width, -(-size[1] // stride)), device=device)
            cells = (y[:, None] * width + x).flatten()
            ratio = torch.arange(self.a_cell, device=device)
            rows.append((offset + cells[:, None] * self.a_cell + ratio).flatten())
            offset += height * width * self.a_cell
        return rows
