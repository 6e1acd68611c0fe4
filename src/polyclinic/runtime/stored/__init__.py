"""Readings that lie in a file, from here or from elsewhere, beside the annotations."""

from polyclinic.runtime.stored.pair import pair_with
from polyclinic.runtime.stored.read import Stored, read_readings, read_stored

__all__ = ["Stored", "pair_with", "read_readings", "read_stored"]
