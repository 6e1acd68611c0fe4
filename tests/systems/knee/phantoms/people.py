"""Patients and layouts without pictures."""

from __future__ import annotations

import numpy as np

from polyclinic.systems.knee.phantoms.layout import draw_layout
from polyclinic.systems.knee.phantoms.patient import KneePhantomConfig, draw_patient

SMALL = KneePhantomConfig(spacing_mm=(0.4, 0.5), off_centre=0)
"""Films that are drawn quickly, with all of each knee on them."""


def patient_of(number, grade=2, implants=0.0):
    return draw_patient(grade, implants, np.random.default_rng((1, number)))


def layout_of(number, kind="both", config=SMALL):
    return draw_layout(kind, config, np.random.default_rng((2, number)))
