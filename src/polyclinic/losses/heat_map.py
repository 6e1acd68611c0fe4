"""How far a heat map is from a round spot at the true place."""

from __future__ import annotations

import torch
from torch import Tensor


def spots(places: Tensor, sigma: float, shape: tuple[int, int]) -> Tensor:
    """(N, h, w) normal distributions around (N, 2) x, y in cells, each with a sum of 1.

    Args:
        places: centres of cells are at integers; they may lie outside the map.
        sigma: standard deviation in cells.
        shape: (h, w).
    """
    x, y = (
        -(((torch.arange(count, device=places.device) - places[:, axis, None]) / sigma) ** 2) / 2
        for axis, count in ((0, shape[1]), (1, shape[0]))
    )
    return y.softmax(1)[:, :, None] * x.softmax(1)[:, None, :]


def divergence(probability: Tensor, wanted: Tensor) -> Tensor:
    """(N,) Jensen-Shannon divergence in nats, 0 to ln 2, of (N, h, w) distributions.

    Source: Nibali et al., "Numerical coordinate regression with convolutional neural networks",
        arXiv:1801.07372, where it regularises the map from which coordinates are expected.
    """
    first, second = probability.flatten(1), wanted.flatten(1)
    middle = (first + second) / 2
    return (_relative(first, middle) + _relative(second, middle)) / 2


def _relative(one: Tensor, other: Tensor) -> Tensor:
    """(N,) sums of one log(one / other); nought counts nothing, and has a slope nevertheless."""
    least = torch.finfo(one.dtype).tiny
    return (one * (one.clamp_min(least).log() - other.clamp_min(least).log())).sum(1)
