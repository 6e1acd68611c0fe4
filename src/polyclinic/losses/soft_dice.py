"""Overlap as a loss."""

from __future__ import annotations

from torch import Tensor


def soft_dice_loss(probabilities: Tensor, targets: Tensor, *, smooth: float = 1.0) -> Tensor:
    """1 - (2 sum(p t) + e) / (sum(p^2) + sum(t^2) + e) over the last two axes.

    Unlike cross-entropy it weighs a small object as much as a large one. An empty target costs
    what is claimed of it, and nothing once all probabilities are 0.

    Args:
        probabilities: (..., H, W), 0 to 1.
        targets: (..., H, W), 0 to 1.
        smooth: e, in pixels; keeps the gradient of empty targets finite.

    Returns:
        (...), 0 to 1.

    Source: Milletari, Navab, Ahmadi, "V-Net", 3DV 2016, section 3 (squares in the denominator).
    """
    shared = (probabilities * targets).sum((-2, -1))
    both = probabilities.square().sum((-2, -1)) + targets.square().sum((-2, -1))
    return 1 - (2 * shared + smooth) / (both + smooth)
