"""The hourglass of KNEEL: one fine map from a network that looks at all sizes."""

from polyclinic.models.hourglass.network import (
    Hourglass,
    HourglassConfig,
    HourglassEncoder,
    OutputBlock,
)

__all__ = ["Hourglass", "HourglassConfig", "HourglassEncoder", "OutputBlock"]
