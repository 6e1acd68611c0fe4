"""Patients: how much a disease deposits in them, and how a stain shows it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polyclinic.systems.kidney.phantoms.disease import Disease, Stain
from polyclinic.systems.kidney.phantoms.slide import Slide, draw_slide


@dataclass(frozen=True, kw_only=True)
class Patient:
    """A person with one disease.

    Args:
        disease: the diagnosis.
        activity: how much of it there is, 0.6 to 1.
        slide: how the sections were made and lit.
    """

    disease: Disease
    activity: float
    slide: Slide

    def amplitude(self, stain: Stain, rng: np.random.Generator) -> float:
        """Brightness of the deposits in a field; sections take up more or less of the stain."""
        uptake = np.exp(rng.normal(0, 0.15))
        return float(self.activity * uptake * self.disease.strength[stain])


def draw_patient(disease: Disease, rng: np.random.Generator) -> Patient:
    """Draw a person."""
    return Patient(disease=disease, activity=float(rng.uniform(0.6, 1)), slide=draw_slide(rng))
