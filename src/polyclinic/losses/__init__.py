"""Losses: tensors in, a scalar out."""

from polyclinic.losses.soft_dice import soft_dice_loss

__all__ = ["soft_dice_loss"]
