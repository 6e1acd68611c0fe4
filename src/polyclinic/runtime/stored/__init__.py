"""Readings that lie in a file, from here or from elsewhere, beside the annotations."""

from polyclinic.runtime.stored.pair import pair_with
from polyclinic.runtime.stored.read import read_readings

__all__ = ["pair_with", "read_readings"]
