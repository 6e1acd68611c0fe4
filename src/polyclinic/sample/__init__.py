"""What goes in: one image, who it belongs to, and what was annotated on it."""

from polyclinic.sample.instance import Instance
from polyclinic.sample.mask import Mask
from polyclinic.sample.sample import UNKNOWN_SIZE, Pixels, Sample
from polyclinic.sample.spacing import Spacing, SpacingOrigin

__all__ = [
    "UNKNOWN_SIZE",
    "Instance",
    "Mask",
    "Pixels",
    "Sample",
    "Spacing",
    "SpacingOrigin",
]
