"""The landmarks of one knee in mm, and what osteoarthritis does to them.

Frame of a knee: that of a right knee on a film, x from lateral to medial, y downwards, the origin
between the tibial spines of the mean shape. Left knees are mirrored when they are placed.
"""

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


Points = NDArray[np.float64]

_PX_MM = 0.3
_ORIGIN = (233.0, 233.5)
# Means of the 748 annotations published with KNEEL, in pixels of 0.3 mm.
_TIBIA = ((99, 262.5), (140.5, 262.4), (181, 253), (214, 226.5), (233, 233.5), (253.6, 221.6),
          (278, 255.6), (320, 261.6), (362, 258))  # fmt: skip
_FEMUR = ((107.7, 238), (145.5, 243), (187.5, 228), (231, 201), (276, 229), (320, 248), (363, 241))
MODES = 4
_MODES_MM = np.array([0.9, 0.8, 0.5, 0.4])
_OWN_MM = 0.25
_WIDTH_MM = (68.0, 90.0)
_TIPS_APART_MM = 1.2
TRAITS = 4 * MODES + 5
"""Numbers that make the shape of a knee."""


def in_mm(pixels: NDArray[np.float64]) -> Points:
    """Pixels of the mean shape's frame to mm of the knee's frame."""
    return (pixels - np.array(_ORIGIN)) * _PX_MM


MEAN_TIBIA = in_mm(np.array(_TIBIA, float))
MEAN_FEMUR = in_mm(np.array(_FEMUR, float))


@dataclass(frozen=True, eq=False, kw_only=True)
class Shape:
    """Where the edges of the bones are.

    Args:
        tibia, femur: (9, 2) and (7, 2) landmarks in mm. The outermost ones lie at the tip of the
            osteophytes: a landmark is always on the outline of the bone as it is drawn.
        tibia_bare, femur_bare: the same without osteophytes, where the outline would be then.
        size: the bones' size as a share of the mean one.
        opening: slope of the femur to the tibia, as the joint space makes it.
    """

    tibia: Points
    femur: Points
    tibia_bare: Points
    femur_bare: Points
    size: float
    opening: float

    @property
    def landmarks(self) -> Points:
        """(16, 2) in the order of `KNEE_LANDMARKS`, in mm."""
        return np.concatenate([self.tibia, self.femur])


def draw_shape(traits: NDArray[np.float64], disease: Disease, rng: np.random.Generator) -> Shape:
    """Smooth changes of the mean shape, then the joint space, then osteophytes.

    Args:
        traits: (TRAITS,) standard normal numbers: smooth modes, notch, spines and size.
        disease: joint space and deformity.
        rng: source of chance for what is of no mode.
    """
    modes, (notch, lateral_spine, medial_spine, width, tilt) = traits[:-5], traits[-5:]
    of_tibia, of_femur = modes.reshape(2, 2, MODES)
    tibia = MEAN_TIBIA + _bent(of_tibia, len(MEAN_TIBIA), rng)
    plateau = tibia[8, 0] - tibia[0, 0]
    size = float(np.clip((1 + 0.055 * width) * plateau, *_WIDTH_MM) / plateau)
    tibia *= size
    femur = size * (MEAN_FEMUR + _bent(of_femur, len(MEAN_FEMUR), rng))
    femur[3, 1] += 1.3 * notch
    tibia[3, 1] += 0.8 * lateral_spine - 0.25 * disease.grade
    tibia[5, 1] += 0.8 * medial_spine - 0.25 * disease.grade
    tibia[:, 1] += 0.02 * tilt * tibia[:, 0]
    worn = slice(6, 9) if disease.worn == "medial" else slice(0, 3)
    tibia[worn, 1] += disease.collapse_mm * np.array([0.35, 1.0, 0.8 if worn.start else 0.35])
    opening = _close(femur, tibia, disease)
    tibia_bare, femur_bare = tibia.copy(), femur.copy()
    _grow(tibia, disease.lips_mm[:2], lift=-0.3)
    _grow(femur, disease.lips_mm[2:], lift=0.2)
    _part(tibia, femur)
    return Shape(
        tibia=tibia,
        femur=femur,
        tibia_bare=tibia_bare,
        femur_bare=femur_bare,
        size=size,
        opening=opening,
    )


def _bent(weights: NDArray[np.float64], count: int, rng: np.random.Generator) -> Points:
    """(count, 2) displacements: cosines along the outline, and a little of each point's own."""
    along = np.linspace(0, 1, count)[:, None]
    waves = np.cos(np.pi * np.arange(MODES) * along)
    return waves @ (weights * _MODES_MM).T + rng.normal(0, _OWN_MM, (count, 2))


def _close(femur: Points, tibia: Points, disease: Disease) -> float:
    """Lay the femur over the tibia with the gaps of the disease; return the slope it took."""
    lateral = tibia[1, 1] - disease.lateral_mm - femur[1, 1]
    medial = tibia[7, 1] - disease.medial_mm - femur[5, 1]
    slope = (medial - lateral) / (femur[5, 0] - femur[1, 0])
    femur[:, 1] += lateral + slope * (femur[:, 0] - femur[1, 0])
    return float(slope)


def _part(tibia: Points, femur: Points) -> None:
    """Keep opposite osteophytes from crossing."""
    for end in (0, -1):
        short = max(_TIPS_APART_MM - (tibia[end, 1] - femur[end, 1]), 0)
        tibia[end, 1] += short / 2
        femur[end, 1] -= short / 2


def _grow(bone: Points, lips_mm: NDArray[np.float64], lift: float) -> None:
    """Move the outermost landmarks to the tips of osteophytes."""
    for end, outwards, length in ((0, -1, lips_mm[0]), (-1, 1, lips_mm[1])):
        bone[end] += length * np.array([outwards, lift])
