"""Draw the measures of a loop of a given shape.

Diameters of unremarkable loops: arterial 10.8 µm and apex 14.1 µm (Rev Colomb Reumatol 2024),
venous 11 to 17 µm (ANFC clinic ranges), inner distance of the limbs about 15 µm and length about
200 µm (Ingegnoli 2013). Dilated loops stay under 40 µm and giants over 50 µm, so that no loop
lies on the border of its class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from polyclinic.phantoms.nailfold.disease import Shape
from polyclinic.phantoms.nailfold.patient import Patient, Side
from polyclinic.phantoms.nailfold.plan import Branch, Bulge, LoopPlan, Wave

_SWAPPED_ARTERY = 0.08  # share of loops whose limbs lie the other way round than the hand's


def draw_plan(shape: Shape, patient: Patient, hand: Side, rng: np.random.Generator) -> LoopPlan:
    """Draw a loop of a shape for a patient's hand."""
    return _DRAWN[shape](_hairpin(patient, hand, rng), rng)


def _hairpin(patient: Patient, hand: Side, rng: np.random.Generator) -> LoopPlan:
    calibre = patient.calibre
    arterial = calibre * _normal(rng, 10.8, 0.9, 8.8, 13.0)
    venous = max(calibre * _normal(rng, 14.0, 1.1, 11.5, 17.0), arterial + 1.0)
    apical = max(calibre * _normal(rng, 14.1, 1.1, 11.5, 17.5), arterial)
    half_gap = (arterial + venous) / 4 + _normal(rng, 15.0, 3.0, 8.0, 22.0) / 2
    waves = (_wave(rng, 2.0), _wave(rng, 1.0))
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
        left_waves=(waves[0], _wave(rng, 0.8)),
        right_waves=(waves[0], waves[1]),
    )
    usual = patient.arterial_side[hand]
    return plan if (usual == "left") == (rng.random() > _SWAPPED_ARTERY) else _mirrored(plan)


def _mirrored(plan: LoopPlan) -> LoopPlan:
    return replace(plan, left_um=plan.right_um, right_um=plan.left_um, arterial_side="right")


def _tortuous(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    amplitude, length = rng.uniform(9, 15), rng.uniform(75, 110)
    phase = rng.uniform(0, 2 * np.pi)
    lag = rng.normal(0, 0.5)
    return replace(
        plan,
        shape="tortuous",
        half_gap_um=plan.half_gap_um + 3,
        bend_um=plan.bend_um + 3,
        left_waves=(Wave(amplitude_um=amplitude, wavelength_um=length, phase=phase),),
        right_waves=(Wave(amplitude_um=amplitude, wavelength_um=length, phase=phase + lag),),
        length_um=plan.length_um + 25,
    )


def _crossing(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    gap = plan.half_gap_um + rng.uniform(2, 7)
    return replace(
        plan,
        shape="crossing",
        half_gap_um=gap,
        bend_um=gap,
        length_um=plan.length_um + 30,
        crossing_um=plan.length_um * rng.uniform(0.52, 0.68) + 15,
    )


def _widened(plan: LoopPlan, rng: np.random.Generator, apical: float, inner: float) -> LoopPlan:
    """Widen all of the loop to an apical diameter and a distance between the limbs."""
    artery, vein = apical * rng.uniform(0.72, 0.88), apical * rng.uniform(0.88, 0.98)
    left, right = (artery, vein) if plan.arterial_side == "left" else (vein, artery)
    half_gap = max((left + right) / 4 + inner / 2, 0.56 * apical)
    return replace(
        plan,
        left_um=left,
        apical_um=apical,
        right_um=right,
        half_gap_um=half_gap,
        bend_um=half_gap * rng.uniform(0.85, 1.0),
    )


def _dilated(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    wide = _widened(plan, rng, rng.uniform(22, 38), rng.uniform(9, 20))
    return replace(wide, shape="dilated")


def _giant(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    apical = 51 + min(rng.gamma(2.0, 6.5), 50.0)
    wide = _widened(plan, rng, apical, rng.uniform(8, 26))
    return replace(wide, shape="giant", length_um=rng.uniform(190, 320))


def _irregular(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    base = rng.uniform(22, 32)
    wide = _widened(plan, rng, base, rng.uniform(22, 40))
    bulges = tuple(
        Bulge(
            arc_um=side * rng.uniform(30, 0.8 * plan.length_um),
            gain_um=rng.uniform(20, 36),
            width_um=rng.uniform(24, 50),
        )
        for side in (-1, 1, rng.choice([-1, 1]))
    )
    return replace(
        wide,
        shape="irregular",
        bulges=bulges,
        left_waves=(_wave(rng, rng.uniform(6, 12)),),
        right_waves=(_wave(rng, rng.uniform(6, 12)),),
    )


def _ramified(plan: LoopPlan, rng: np.random.Generator) -> LoopPlan:
    wide = _widened(plan, rng, rng.uniform(15, 24), rng.uniform(22, 42))
    branches = tuple(
        Branch(
            arc_um=side * rng.uniform(5, 0.55 * plan.length_um),
            heading=np.pi / 2 - side * rng.uniform(0.2, 1.5),
            curl=side * rng.normal(0.006, 0.012),
            length_um=rng.uniform(45, 105),
            diameter_um=rng.uniform(13, 20),
        )
        for side in rng.permutation([-1, 1, -1, 1, 1, -1])[: rng.integers(3, 7)]
    )
    return replace(
        wide,
        shape="ramified",
        branches=branches,
        length_um=plan.length_um * rng.uniform(0.75, 1.0),
        left_waves=(_wave(rng, rng.uniform(5, 12)),),
        right_waves=(_wave(rng, rng.uniform(5, 12)),),
    )


def _wave(rng: np.random.Generator, amplitude: float) -> Wave:
    return Wave(
        amplitude_um=amplitude * rng.uniform(0.5, 1.3),
        wavelength_um=rng.uniform(80, 180),
        phase=rng.uniform(0, 2 * np.pi),
    )


def _normal(rng: np.random.Generator, mean: float, spread: float, low: float, high: float) -> float:
    return float(np.clip(rng.normal(mean, spread), low, high))


_DRAWN: dict[Shape, Callable[[LoopPlan, np.random.Generator], LoopPlan]] = {
    "hairpin": lambda plan, rng: plan,
    "tortuous": _tortuous,
    "crossing": _crossing,
    "dilated": _dilated,
    "giant": _giant,
    "irregular": _irregular,
    "ramified": _ramified,
}
