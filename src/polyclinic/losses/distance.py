"""Losses of the distance between a found and a true coordinate, element by element."""

from __future__ import annotations

from torch import Tensor


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
