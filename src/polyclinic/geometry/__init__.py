"""Where things are: one homography, and resampling through it."""

from polyclinic.geometry.homography import Homography
from polyclinic.geometry.move import move_instance, move_landmarks, move_sample, move_spacing
from polyclinic.geometry.warp import Size, warp_image, warp_mask

__all__ = [
    "Homography",
    "Size",
    "move_instance",
    "move_landmarks",
    "move_sample",
    "move_spacing",
    "warp_image",
    "warp_mask",
]
