"""Osteoarthritis by Kellgren-Lawrence grade: joint space, osteophytes, sclerosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Compartment = Literal["medial", "lateral"]

GRADES = (0, 1, 2, 3, 4)

# Means over all knees of a grade of the annotations published with KNEEL are 4.9, 4.8, 4.7, 3.5
# and 2.6 mm medially and 5.5 to 6.1 mm laterally. A fifth of the knees lose the lateral side.
_LATERAL_SHARE = 0.2
_WORN_MM = {"medial": (4.9, 4.8, 4.68, 3.15, 2.0), "lateral": (5.8, 6.0, 5.6, 4.0, 2.6)}
_SPARED_MM = {"medial": (4.9, 4.8, 4.8, 4.9, 5.0), "lateral": (5.8, 6.1, 5.95, 6.1, 6.2)}
_SPREAD_MM = (0.6, 0.6, 0.65, 0.7, 0.7)
_LIP_MM = (0.0, 0.5, 2.0, 3.2, 4.6)
_SCLEROSIS = (0.0, 0.03, 0.12, 0.30, 0.50)
_COLLAPSE_MM = (0.0, 0.0, 0.0, 0.4, 1.7)


@dataclass(frozen=True, eq=False, kw_only=True)
class Disease:
    """How one knee is worn.

    Args:
        grade: Kellgren-Lawrence, 0 to 4.
        worn: the compartment that loses its joint space.
        medial_mm, lateral_mm: vertical gap of tibia_7 to femur_5, and of tibia_1 to femur_1.
        lips_mm: (4,) lengths of the osteophytes at tibia_0, tibia_8, femur_0 and femur_6.
        sclerosis: added density below the worn plateau.
        collapse_mm: depth of the dent in the worn plateau.
    """

    grade: int
    worn: Compartment
    medial_mm: float
    lateral_mm: float
    lips_mm: NDArray[np.float64]
    sclerosis: float
    collapse_mm: float


def draw_disease(grade: int, rng: np.random.Generator) -> Disease:
    """Draw what a grade looks like in one knee."""
    worn: Compartment = "lateral" if rng.random() < _LATERAL_SHARE else "medial"
    medial = (_WORN_MM if worn == "medial" else _SPARED_MM)["medial"][grade]
    lateral = (_WORN_MM if worn == "lateral" else _SPARED_MM)["lateral"][grade]
    spread = _SPREAD_MM[grade]
    on_worn_side = np.array([worn == "lateral", worn == "medial"] * 2)
    usual = _LIP_MM[grade] * np.where(on_worn_side, 1.15, 0.75)
    return Disease(
        grade=grade,
        worn=worn,
        medial_mm=_positive(medial, spread, rng),
        lateral_mm=_positive(lateral, spread, rng),
        lips_mm=usual * rng.uniform(0.55, 1.45, 4),
        sclerosis=_SCLEROSIS[grade] * rng.uniform(0.6, 1.4),
        collapse_mm=_COLLAPSE_MM[grade] * rng.uniform(0.5, 1.5),
    )


def _positive(mean: float, spread: float, rng: np.random.Generator) -> float:
    """A draw that is never negative, with this mean and standard deviation."""
    return float(rng.gamma((mean / spread) ** 2, spread**2 / mean))
