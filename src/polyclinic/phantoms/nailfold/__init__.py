"""Nailfold capillaroscopy at 200x: procedural images with exact truth."""

from polyclinic.phantoms.nailfold.cohort import make_cohort
from polyclinic.phantoms.nailfold.config import NailfoldPhantomConfig
from polyclinic.phantoms.nailfold.disease import STATES, State
from polyclinic.phantoms.nailfold.image import make_image

__all__ = ["STATES", "NailfoldPhantomConfig", "State", "make_cohort", "make_image"]
