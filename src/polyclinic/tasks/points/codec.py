"""Annotated landmarks to points, and cells of a map to pixels of the network."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from polyclinic.geometry import Size
from polyclinic.sample import Instance
from polyclinic.tasks.scene import cells_of


def covered_cells(sizes: Sequence[Size], frame: Size, cells: Size) -> list[Size]:
    """(rows, columns) of a map that each image reaches into; the rest is padding.

    Args:
        sizes: (height, width) of each image inside the frame.
        frame: (height, width) of the padded batch.
        cells: (rows, columns) of its map.
    """
    return [(cells_of(h, cells[0], frame[0]), cells_of(w, cells[1], frame[1])) for h, w in sizes]


def to_pixels(positions: Tensor, frame: Size, cells: Size) -> Tensor:
    """(..., 2) x, y in cells to network pixels, edges on edges, centres at integers in both."""
    return _rescaled(positions, cells, frame)


def to_cells(points: Tensor, frame: Size, cells: Size) -> Tensor:
    """(..., 2) x, y in network pixels to cells: `to_pixels` backwards."""
    return _rescaled(points, frame, cells)


def _rescaled(points: Tensor, size: Size, new: Size) -> Tensor:
    """Axis by axis and without a tensor of sizes, so that exported graphs take any size."""
    x, y = (points + 0.5).unbind(-1)
    return torch.stack([x * (new[1] / size[1]), y * (new[0] / size[0])], dim=-1) - 0.5


def labelled_points(
    instance: Instance | None, number: int
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """(K, 2) places and (K,) whether each is labelled, visible or hidden."""
    if instance is None or instance.landmarks is None:
        return np.zeros((number, 2), np.float32), np.zeros(number, np.bool_)
    return instance.landmarks[:, :2].astype(np.float32), instance.landmarks[:, 2] > 0


def narrowness(spread: Tensor, even: Tensor) -> Tensor:
    """How much narrower than an even map each map is: 1 is one cell, 0 says nothing.

    Args:
        spread: (B, K) root mean square distance from the mean, in cells.
        even: (B,) the same of an even map.
    """
    widest = even.to(spread.device).clamp(min=1e-6)
    return (1 - spread / widest[:, None]).clamp(0, 1)
