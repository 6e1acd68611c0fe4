"""Correlation of scores as a loss: of a batch, and as a sum over images."""

from __future__ import annotations

import torch
from torch import Tensor

LEAST_SCORES = 3


def correlation_loss(found: Tensor, wanted: Tensor) -> Tensor:
    """1 - Pearson's r over a batch, 0 to 2: right order and spacing, whatever scale and offset.

    Written as half the squared distance of the two standardised batches, which is the same and
    keeps its digits where r comes close to 1. As scale is no part of it, its slope grows without
    bound as the spread of a side shrinks: clip gradients. It is of a batch as a whole and no sum
    over images; tasks, whose losses must not depend on how a batch is cut up, use
    `standardised_loss`.

    Args:
        found: (N,) scores.
        wanted: (N,) what they should follow.

    Returns:
        () at least float32; 0 without a slope for fewer than 3 scores, of which r says nothing,
        and where either side is constant to within rounding, where there is no r.
    """
    sides = torch.stack((found, wanted))
    sides = sides.to(torch.promote_types(sides.dtype, torch.float32))
    if sides.shape[1] < LEAST_SCORES:
        return 0 * sides.sum()
    centred = sides - sides.mean(1, keepdim=True)
    # r does not depend on this scale, so neither does its slope.
    scale = centred.detach().abs().amax(1, keepdim=True)
    rounding = 100 * torch.finfo(sides.dtype).eps * sides.detach().abs().amax(1, keepdim=True)
    # Written so that a score that is no number stays one that everybody sees.
    varies = ~(scale <= rounding).any()
    scaled = torch.where(varies, centred / torch.where(varies, scale, 1), 0)
    # The largest of them is 1, so the norm is above 1, save where nothing varies.
    first, second = scaled / scaled.norm(dim=1, keepdim=True).clamp_min(1)
    return (first - second).square().sum() / 2


def standardised_loss(found: Tensor, wanted: Tensor, *, spread: float) -> Tensor:
    """Half the squared difference of two standardised scores, (x - y)^2 / (2 s^2), each element.

    1 - Pearson's r is the mean of this over scores that are standardised by the mean and the
    spread of their own batch. Those differ from one batch to the next, and between the parts of
    a batch that is cut up for several processes, so that such a loss is no sum over images. With
    one spread for both sides and all batches it is one; scores whose mean or spread is another
    than the true one cost more than 1 - r.

    Args:
        found: (N,) scores x.
        wanted: (N,) what they should follow, y.
        spread: s, the standard deviation that both are standardised by.
    """
    return (found - wanted).square() / (2 * spread**2)
