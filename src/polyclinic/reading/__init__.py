"""What comes out: instances, findings, quality and measurements of one image."""

from polyclinic.reading.fidelity import Fidelity
from polyclinic.reading.measurement import REFUSED, Domain, Measurement, Unit
from polyclinic.reading.reading import Reading

__all__ = ["REFUSED", "Domain", "Fidelity", "Measurement", "Reading", "Unit"]
