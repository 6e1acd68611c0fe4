"""Barron's general robust loss, with its shape learned."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

_TINY = 1e-5
_REACH, _NODES = 40.0, 801


def robust_loss(difference: Tensor, alpha: Tensor, scale: Tensor) -> Tensor:
    """rho(d, alpha, c), element by element, for alpha in 0 to 2.

    2 is half the squared ratio d / c, 1 is smoothed L1, 0 is Cauchy's (log) loss.

    Args:
        difference: d, found minus true.
        alpha: () shape.
        scale: () c, in the unit of the difference.

    Source: Barron, "A General and Adaptive Robust Loss Function", CVPR 2019, equation 8, with
        the denominators kept off 0 as in its appendix.
    """
    return _rho(torch.log1p((difference / scale).square() / _room(alpha)), alpha)


def log_partition(alpha: Tensor) -> Tensor:
    """Log of the integral of exp(-rho(x, alpha, 1)) over all x, for () alpha.

    By the trapezoid rule in log x, which is exact to single precision here and has a gradient.
    """
    log_x = torch.linspace(-_REACH, _REACH, _NODES, dtype=torch.float64, device=alpha.device)
    exact = alpha.double()
    # log(1 + x^2 / b) from log x, so that x^2 can't overflow.
    grown = nn.functional.softplus(2 * log_x - torch.log(_room(exact)))
    log_density = log_x - _rho(grown, exact)
    step = 2 * _REACH / (_NODES - 1)
    return (torch.logsumexp(log_density, 0) + math.log(2 * step)).to(alpha.dtype)


class AdaptiveRobustLoss(nn.Module):
    """Negative log-likelihood of differences whose shape and scale are learned.

    What keeps alpha from falling (which makes every error cheap) is the partition function: a
    density that allows large errors pays for it at small ones. The loss may be negative.

    Args:
        scale: first c, in the unit of the differences; c stays above a hundredth of it.

    Source: Barron, CVPR 2019, equation 16; alpha starts at 1, between 0 and 2.
    """

    def __init__(self, scale: float) -> None:
        super().__init__()
        self.floor = scale / 100
        self.latent_alpha = nn.Parameter(torch.zeros(()))
        self.log_scale = nn.Parameter(torch.tensor(math.log(scale - self.floor)))

    @property
    def alpha(self) -> Tensor:
        """() between 0 and 2."""
        return 2 * self.latent_alpha.sigmoid()

    @property
    def scale(self) -> Tensor:
        """() c."""
        return self.floor + self.log_scale.exp()

    def forward(self, difference: Tensor) -> Tensor:
        """Loss of each element."""
        alpha, scale = self.alpha, self.scale
        return robust_loss(difference, alpha, scale) + scale.log() + log_partition(alpha)


def _room(alpha: Tensor) -> Tensor:
    return (2 - alpha).abs() + _TINY


def _rho(grown: Tensor, alpha: Tensor) -> Tensor:
    """The loss from log(1 + (d / c)^2 / b)."""
    power = alpha + _TINY
    return _room(alpha) / power * torch.expm1(power / 2 * grown)
