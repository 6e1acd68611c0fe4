"""Losses: tensors in, tensors out."""

from polyclinic.losses.distance import elastic_loss, l1_loss, l2_loss
from polyclinic.losses.robust import AdaptiveRobustLoss, robust_loss
from polyclinic.losses.soft_dice import soft_dice_loss
from polyclinic.losses.wing import wing_loss

__all__ = [
    "AdaptiveRobustLoss",
    "elastic_loss",
    "l1_loss",
    "l2_loss",
    "robust_loss",
    "soft_dice_loss",
    "wing_loss",
]
