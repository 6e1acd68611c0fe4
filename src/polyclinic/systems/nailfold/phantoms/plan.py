"""The measures of one loop before it is drawn, in µm.

Arterial limb 10.8 µm and apex 14.1 µm (Rev Colomb Reumatol 2024), venous limb 11 to 17 µm (ANFC
clinic ranges), distance between the limbs about 15 µm and length about 200 µm (Ingegnoli 2013).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from polyclinic.systems.nailfold.phantoms.disease import Shape
from polyclinic.systems.nailfold.phantoms.patient import Patient, Side

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


@dataclass(frozen=True, kw_only=True)
class Wave:
    """A sideways undulation of a limb with depth below the apex."""

    amplitude_um: float
    wavelength_um: float
    phase: float


@dataclass(frozen=True, kw_only=True)
class Bulge:
    """A local change of diameter at an arc length from the apex, left negative."""

    arc_um: float
    gain_um: float
    width_um: float


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A side vessel that leaves a limb or the apex.

    Args:
        arc_um: where it leaves, as arc length from the apex, left negative.
        heading: direction in radians, 0 to the right, pi/2 towards the finger tip.
        curl: change of direction per µm.
        length_um, diameter_um: its size.
    """

    arc_um: float
    heading: float
    curl: float
    length_um: float
    diameter_um: float


@dataclass(frozen=True, kw_only=True)
class LoopPlan:
    """Measures of one loop; depth runs from the apex away from the finger tip.

    Args:
        shape: morphology.
        left_um, apical_um, right_um: diameters of the limbs and the apex.
        half_gap_um: half of the distance between the limbs' middle lines.
        bend_um: depth over which the limbs turn into each other.
        spread: change of `half_gap_um` per µm of depth.
        lean_um: sideways shift of both limbs at a depth of 200 µm.
        length_um: depth at which the limbs fade.
        left_waves, right_waves: undulations.
        crossing_um: depth at which the limbs change sides.
        bulges, branches: irregularities.
        arterial_side: the side of the arterial limb.
        clump_um: sludge: the blood column is broken into clumps about this long.
    """

    shape: Shape
    left_um: float
    apical_um: float
    right_um: float
    half_gap_um: float
    bend_um: float
    spread: float
    lean_um: float
    length_um: float
    left_waves: tuple[Wave, ...] = ()
    right_waves: tuple[Wave, ...] = ()
    crossing_um: float | None = None
    bulges: tuple[Bulge, ...] = ()
    branches: tuple[Branch, ...] = ()
    arterial_side: Literal["left", "right"] = "left"
    clump_um: float | None = None

    @property
    def outer_width_um(self) -> float:
        """Width of the loop at its shoulders."""
        return 2 * self.half_gap_um + (self.left_um + self.right_um) / 2
