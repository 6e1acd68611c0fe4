"""From landmarks and masks of capillaries to their clinical measurements."""

from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.measurer import measure_nailfold
from polyclinic.systems.nailfold.measure.patients import pool_patients

__all__ = ["CapillaryLimits", "measure_nailfold", "pool_patients"]
