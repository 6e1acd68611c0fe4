"""Random views of a sample: one homography, then grain, light and what hides or blurs."""

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.cutout import cut_out
from polyclinic.data.augment.frame import FrameConfig
from polyclinic.data.augment.framed import framed
from polyclinic.data.augment.grain import GRAINS, Grain, add_grain
from polyclinic.data.augment.jitter import jitter_landmarks
from polyclinic.data.augment.light import change_light
from polyclinic.data.augment.plane import random_view

__all__ = [
    "GRAINS",
    "AugmentConfig",
    "FrameConfig",
    "Grain",
    "add_grain",
    "change_light",
    "cut_out",
    "framed",
    "jitter_landmarks",
    "random_view",
]
