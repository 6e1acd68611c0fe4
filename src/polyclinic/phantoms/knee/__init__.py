"""Frontal radiographs of knees: procedural films with exact truth, written as DICOM."""

from polyclinic.phantoms.knee.cohort import make_cohort
from polyclinic.phantoms.knee.config import KneePhantomConfig

__all__ = ["KneePhantomConfig", "make_cohort"]
