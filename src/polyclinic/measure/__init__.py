"""From landmarks, masks and spacing to clinical measurements."""

from polyclinic.measure.limits import CapillaryLimits
from polyclinic.measure.nailfold import measure_nailfold
from polyclinic.measure.patients import pool_patients

__all__ = ["CapillaryLimits", "measure_nailfold", "pool_patients"]
