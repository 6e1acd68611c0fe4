"""What goes in: one image, who it belongs to, and what was annotated on it."""

from polyclinic.sample.instance import Instance
from polyclinic.sample.mask import Mask
from polyclinic.sample.sample import OBJECT_KINDS, Pixels, Sample
from polyclinic.sample.spacing import Spacing, SpacingOrigin

__all__ = ["OBJECT_KINDS", "Instance", "Mask", "Pixels", "Sample", "Spacing", "SpacingOrigin"]
