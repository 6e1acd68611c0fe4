"""Intervals around single measurements that hold for new patients."""

from polyclinic.metrics.conformal.intervals import Conformal, calibrate
from polyclinic.metrics.conformal.quantile import least_patients, patient_quantile

__all__ = ["Conformal", "calibrate", "least_patients", "patient_quantile"]
