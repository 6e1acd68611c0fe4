"""Losses: tensors in, tensors out."""

from polyclinic.losses.charbonnier import charbonnier
from polyclinic.losses.correlation import correlation_loss
from polyclinic.losses.distance import elastic_loss, l1_loss, l2_loss
from polyclinic.losses.inside import inside_images
from polyclinic.losses.robust import AdaptiveRobustLoss, robust_loss
from polyclinic.losses.soft_dice import soft_dice_loss
from polyclinic.losses.standardised import standardised_loss
from polyclinic.losses.structural import structural_loss
from polyclinic.losses.wing import wing_loss

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
