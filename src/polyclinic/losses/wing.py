"""Wing loss."""

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
