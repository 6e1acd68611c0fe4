"""Standardised error: Pearson's correlation as a loss that is a sum over images."""

from __future__ import annotations

from torch import Tensor


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
