"""Random views of a sample: one homography, then grain, light and what hides or blurs."""

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.frame import FrameConfig, framed
from polyclinic.data.augment.grain import GRAINS, Grain, add_grain
from polyclinic.data.augment.light import change_light, cut_out
from polyclinic.data.augment.plane import jitter_landmarks, random_view

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
