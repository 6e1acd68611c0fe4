"""The hourglass of KNEEL: one fine map from a network that looks at all sizes."""

from polyclinic.models.hourglass.config import HourglassConfig
from polyclinic.models.hourglass.encoder import HourglassEncoder
from polyclinic.models.hourglass.network import Hourglass
from polyclinic.models.hourglass.output_block import OutputBlock

__all__ = ["Hourglass", "HourglassConfig", "HourglassEncoder", "OutputBlock"]
