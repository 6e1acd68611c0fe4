"""The expected position in a heat map."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor


def heat_maps(
    logits: Tensor, *, beta: float = 1.0, cells: Sequence[tuple[int, int]] | None = None
) -> Tensor:
    """(B, K, h, w) softmax(beta h) over each map, in float32.

    Args:
        logits: (B, K, h, w).
        beta: inverse temperature; the larger, the more the highest cell counts alone.
        cells: (rows, columns) at the top left of each of the B maps that count, at least one
            each; the rest gets no probability. None counts all.
    """
    scaled = beta * logits.float()
    if cells is not None:
        scaled = scaled.masked_fill(_outside(cells, scaled), -torch.inf)
    return scaled.flatten(2).softmax(2).view_as(scaled)


def soft_argmax(
    logits: Tensor, *, beta: float = 1.0, cells: Sequence[tuple[int, int]] | None = None
) -> tuple[Tensor, Tensor]:
    """Mean and root mean square distance from it, of `heat_maps`.

    Returns:
        (B, K, 2) x, y in cells with centres at integers, and (B, K) the distance in cells.
        Divided by (w, h), x and y are the coordinates j / W, i / H of KNEEL.

    Source: Sun et al., "Integral Human Pose Regression", ECCV 2018; KNEEL, ICCV workshop VRMI
        2019.
    """
    return expected_place(heat_maps(logits, beta=beta, cells=cells))


def expected_place(probability: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and root mean square distance from it, of (B, K, h, w) maps with a sum of 1 each."""
    (x, spread_x), (y, spread_y) = _moments(probability.sum(2)), _moments(probability.sum(3))
    return torch.stack([x, y], dim=-1), (spread_x + spread_y).sqrt()


def even_spread(cells: Sequence[tuple[int, int]]) -> Tensor:
    """(B,) what `soft_argmax` gives as distance for even maps of (rows, columns)."""
    return ((torch.tensor(cells).square().sum(1) - 2) / 12).sqrt()


def _outside(cells: Sequence[tuple[int, int]], maps: Tensor) -> Tensor:
    """(B, 1, h, w) where a map has cells that don't count."""
    rows, columns = torch.tensor(cells, device=maps.device).unbind(1)
    below = torch.arange(maps.shape[2], device=maps.device) >= rows[:, None]
    right = torch.arange(maps.shape[3], device=maps.device) >= columns[:, None]
    return (below[:, :, None] | right[:, None, :])[:, None]


def _moments(probability: Tensor) -> tuple[Tensor, Tensor]:
    """Mean and variance of the position along the last axis of (B, K, n)."""
    steps = torch.arange(probability.shape[-1], device=probability.device).float()
    mean = (probability * steps).sum(-1)
    variance = (probability * (steps - mean[..., None]) ** 2).sum(-1)
    return mean, variance
