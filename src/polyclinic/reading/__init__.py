"""What comes out: instances, findings, quality and measurements of one image."""

from polyclinic.reading.measurement import Measurement, Unit
from polyclinic.reading.reading import Reading

__all__ = ["Measurement", "Reading", "Unit"]
