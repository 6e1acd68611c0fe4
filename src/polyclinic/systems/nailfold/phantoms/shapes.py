"""Draw the measures of a loop of a given shape.

Dilated loops stay under 40 µm and giants over 50 µm, so that no loop lies on the border of its
class.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from polyclinic.systems.nailfold.phantoms.disease import Shape
from polyclinic.systems.nailfold.phantoms.patient import Patient, Side
from polyclinic.systems.nailfold.phantoms.plan import (
    Branch,
    Bulge,
    LoopPlan,
    Wave,
    draw_hairpin,
    draw_wave,
)


def draw_plan(shape: Shape, patient: Patient, hand: Side, rng: np.random.Generator) -> LoopPlan:
    """Draw a loop of a shape for a patient's hand."""
    return _DRAWN[shape](draw_hairpin(patient, hand, rng), rng)


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
        left_waves=(draw_wave(rng, rng.uniform(6, 12)),),
        right_waves=(draw_wave(rng, rng.uniform(6, 12)),),
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
        left_waves=(draw_wave(rng, rng.uniform(5, 12)),),
        right_waves=(draw_wave(rng, rng.uniform(5, 12)),),
    )


_DRAWN: dict[Shape, Callable[[LoopPlan, np.random.Generator], LoopPlan]] = {
    "hairpin": lambda plan, rng: plan,
    "tortuous": _tortuous,
    "crossing": _crossing,
    "dilated": _dilated,
    "giant": _giant,
    "irregular": _irregular,
    "ramified": _ramified,
}
