"""Losses of points: wing loss, distances of coordinates, heat maps."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def wing_loss(difference: Tensor, *, width: float = 15.0, curvature: float = 3.0) -> Tensor:
    """Under w the logarithm w ln(1 + |d| / e), beyond |d|, shifted to meet it; each element.

    Small and middling errors keep a steep gradient (w / e at 0), so they are not drowned by the
    large ones.

    Args:
        difference: found minus true.
        width: w, in the unit of the difference.
        curvature: e, in the same unit.

    Source: Feng et al., "Wing Loss", CVPR 2018, equation 5.
    """
    size = difference.abs()
    near = width * torch.log1p(size / curvature)
    step = width - width * math.log1p(width / curvature)
    return torch.where(size < width, near, size - step)


def l1_loss(difference: Tensor) -> Tensor:
    """The size, |d|."""
    return difference.abs()


def l2_loss(difference: Tensor) -> Tensor:
    """The square, d d."""
    return difference.square()


def elastic_loss(difference: Tensor) -> Tensor:
    """Half of each.

    Source: KNEEL, ICCV workshop VRMI 2019, as in its code.
    """
    return 0.5 * l1_loss(difference) + 0.5 * l2_loss(difference)


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
