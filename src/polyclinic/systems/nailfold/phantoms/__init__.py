"""Nailfold capillaroscopy at 200x: procedural images with exact truth."""

from polyclinic.systems.nailfold.phantoms.cohort import make_cohort
from polyclinic.systems.nailfold.phantoms.config import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms.disease import STATES, State
from polyclinic.systems.nailfold.phantoms.image import make_image

__all__ = ["STATES", "NailfoldPhantomConfig", "State", "make_cohort", "make_image"]
