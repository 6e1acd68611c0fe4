"""Losses: tensors in, tensors out."""

from polyclinic.losses.correlation import correlation_loss, standardised_loss
from polyclinic.losses.images import charbonnier, inside_images, structural_loss
from polyclinic.losses.points import elastic_loss, l1_loss, l2_loss, wing_loss
from polyclinic.losses.robust import AdaptiveRobustLoss, robust_loss
from polyclinic.losses.soft_dice import soft_dice_loss

__all__ = [
    "AdaptiveRobustLoss",
    "charbonnier",
    "correlation_loss",
    "elastic_loss",
    "inside_images",
    "l1_loss",
    "l2_loss",
    "robust_loss",
    "soft_dice_loss",
    "standardised_loss",
    "structural_loss",
    "wing_loss",
]
