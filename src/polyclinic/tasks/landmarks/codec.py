"""Landmarks as cells of a grid over a box, and back."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Codec = Literal["cell", "subcell"]


def grow_boxes(boxes: Tensor, margin: float) -> Tensor:
    """Widen (N, 4) boxes by a share of their size on each side."""
    size = boxes[:, 2:] - boxes[:, :2]
    return torch.cat([boxes[:, :2] - margin * size, boxes[:, 2:] + margin * size], dim=1)


def to_grid(points: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """(N, K, 2) points as positions on each box's grid: 0 ... cells, cell centres at .5."""
    size = (boxes[:, None, 2:] - boxes[:, None, :2]).clamp(min=1e-6)
    return (points - boxes[:, None, :2]) / size * cells


def from_grid(positions: Tensor, boxes: Tensor, cells: int) -> Tensor:
    """The way back of `to_grid`."""
    return boxes[:, None, :2] + positions / cells * (boxes[:, None, 2:] - boxes[:, None, :2])


def encode_positions(positions: Tensor, cells: int, codec: Codec) -> Tensor:
    """Target distributions over the cells, (M, 2) positions to (M, cells * cells).

    `cell` puts everything into the cell that holds the landmark (NFCMTL, detectron2); `subcell`
    shares it among the four nearest cell centres by bilinear weights, so that the expected
    position is the landmark itself.
    """
    rows = torch.arange(len(positions), device=positions.device)
    target = torch.zeros(len(positions), cells, cells, device=positions.device)
    if codec == "cell":
        x, y = positions.floor().long().clamp(0, cells - 1).unbind(1)
        target[rows, y, x] = 1
        return target.flatten(1)
    inner = (positions - 0.5).clamp(0, cells - 1)
    low = inner.floor().long().clamp(0, cells - 2)
    share = inner - low
    for dy in (0, 1):
        for dx in (0, 1):
            weight_x = share[:, 0] if dx else 1 - share[:, 0]
            weight_y = share[:, 1] if dy else 1 - share[:, 1]
            target[rows, low[:, 1] + dy, low[:, 0] + dx] = weight_x * weight_y
    return target.flatten(1)


def decode_positions(logits: Tensor, codec: Codec) -> tuple[Tensor, Tensor]:
    """Positions (N, K, 2) and confidences (N, K) from (N, K, cells, cells) logits.

    `cell` is the centre of the best cell; `subcell` the expected position in the 5 x 5 cells
    around it. Confidence is the probability in those 5 x 5 cells.
    """
    cells = logits.shape[-1]
    probability = logits.flatten(2).softmax(2).view_as(logits)
    best = probability.flatten(2).argmax(2)
    centre = torch.stack([best % cells, best // cells], dim=-1)
    steps = torch.arange(cells, device=logits.device)
    near_x = (steps - centre[..., 0, None]).abs() <= 2
    near_y = (steps - centre[..., 1, None]).abs() <= 2
    near = probability * (near_y[..., :, None] & near_x[..., None, :])
    confidence = near.sum((2, 3))
    if codec == "cell":
        return centre + 0.5, confidence
    x = (near.sum(2) * (steps + 0.5)).sum(2) / confidence
    y = (near.sum(3) * (steps + 0.5)).sum(2) / confidence
    return torch.stack([x, y], dim=-1), confidence
