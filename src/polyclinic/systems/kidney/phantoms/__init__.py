"""Immunofluorescence of glomeruli: procedural fields with known deposits, in and out of focus.

A disease decides where deposits lie and which stains show them (`disease`): in clumps in the
mesangium, in granules or an unbroken line along the capillary loops, or in both places. Brightness
says little: what tells the diseases apart is where the light is.
"""

from polyclinic.systems.kidney.phantoms.cohort import make_cohort
from polyclinic.systems.kidney.phantoms.image import glomerulus_image
from polyclinic.systems.kidney.phantoms.patient import (
    DISEASES,
    PATTERNS,
    STAINS,
    Disease,
    Pattern,
    Stain,
)

__all__ = [
    "DISEASES",
    "PATTERNS",
    "STAINS",
    "Disease",
    "Pattern",
    "Stain",
    "glomerulus_image",
    "make_cohort",
]
