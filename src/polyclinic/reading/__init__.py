"""What comes out: instances, findings, quality and measurements of one image."""

from polyclinic.reading.fidelity import Fidelity
from polyclinic.reading.measurement import Measurement, Unit
from polyclinic.reading.reading import Reading

__all__ = ["Fidelity", "Measurement", "Reading", "Unit"]
