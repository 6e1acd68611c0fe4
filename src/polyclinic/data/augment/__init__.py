"""Random views of a sample: one homography, then light and noise."""

from polyclinic.data.augment.config import AugmentConfig
from polyclinic.data.augment.frame import FrameConfig
from polyclinic.data.augment.light import change_light
from polyclinic.data.augment.plane import random_view

__all__ = ["AugmentConfig", "FrameConfig", "change_light", "random_view"]
