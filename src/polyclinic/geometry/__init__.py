"""Where things are: one homography, and resampling through it."""

from polyclinic.geometry.homography import Homography
from polyclinic.geometry.move import move_instance, move_landmarks, move_sample
from polyclinic.geometry.warp import Size, warp_image, warp_mask

__all__ = [
    "Homography",
    "Size",
    "move_instance",
    "move_landmarks",
    "move_sample",
    "warp_image",
    "warp_mask",
]
