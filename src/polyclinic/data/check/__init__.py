"""Audit a data set before anything trains on it."""

from polyclinic.data.check.check import CohortCheck, check_cohort

__all__ = ["CohortCheck", "check_cohort"]
