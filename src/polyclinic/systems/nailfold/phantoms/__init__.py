"""Nailfold capillaroscopy at 200x: procedural images with exact truth."""

from polyclinic.systems.nailfold.phantoms.cohort import make_cohort
from polyclinic.systems.nailfold.phantoms.disease import STATES, State
from polyclinic.systems.nailfold.phantoms.image import make_image
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig

__all__ = ["STATES", "NailfoldPhantomConfig", "State", "make_cohort", "make_image"]
