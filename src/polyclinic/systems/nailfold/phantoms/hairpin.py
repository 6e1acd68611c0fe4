"""The measures of an unremarkable loop, from which all others are changed.

Arterial limb 10.8 µm and apex 14.1 µm (Rev Colomb Reumatol 2024), venous limb 11 to 17 µm (ANFC
clinic ranges), distance between the limbs about 15 µm and length about 200 µm (Ingegnoli 2013).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from polyclinic.systems.nailfold.phantoms.patient import Patient, Side
from polyclinic.systems.nailfold.phantoms.plan import LoopPlan, Wave

_SWAPPED_ARTERY = 0.08  # share of loops whose limbs lie the other way round than the hand's


def draw_hairpin(patient: Patient, hand: Side, rng: np.random.Generator) -> LoopPlan:
    """Draw a hairpin for a patient's hand."""
    calibre = patient.calibre
    arterial = calibre * _normal(rng, 10.8, 0.9, 8.8, 13.0)
    venous = max(calibre * _normal(rng, 14.0, 1.1, 11.5, 17.0), arterial + 1.0)
    apical = max(calibre * _normal(rng, 14.1, 1.1, 11.5, 17.5), arterial)
    half_gap = (arterial + venous) / 4 + _normal(rng, 15.0, 3.0, 8.0, 22.0) / 2
    waves = (draw_wave(rng, 2.0), draw_wave(rng, 1.0))
    plan = LoopPlan(
        shape="hairpin",
        left_um=arterial,
        apical_um=apical,
        right_um=venous,
        half_gap_um=half_gap,
        bend_um=half_gap * rng.uniform(0.9, 1.15),
        spread=rng.uniform(-0.015, 0.04),
        lean_um=rng.normal(0, 9),
        length_um=_normal(rng, 205, 35, 130, 300),
        left_waves=(waves[0], draw_wave(rng, 0.8)),
        right_waves=(waves[0], waves[1]),
    )
    usual = patient.arterial_side[hand]
    return plan if (usual == "left") == (rng.random() > _SWAPPED_ARTERY) else _mirrored(plan)


def _mirrored(plan: LoopPlan) -> LoopPlan:
    return replace(plan, left_um=plan.right_um, right_um=plan.left_um, arterial_side="right")


def draw_wave(rng: np.random.Generator, amplitude: float) -> Wave:
    """Draw an undulation of about `amplitude` µm."""
    return Wave(
        amplitude_um=amplitude * rng.uniform(0.5, 1.3),
        wavelength_um=rng.uniform(80, 180),
        phase=rng.uniform(0, 2 * np.pi),
    )


def _normal(rng: np.random.Generator, mean: float, spread: float, low: float, high: float) -> float:
    return float(np.clip(rng.normal(mean, spread), low, high))
