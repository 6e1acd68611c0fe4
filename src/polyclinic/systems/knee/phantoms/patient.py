"""A patient's two knees, and the settings of the phantom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, model_validator

from polyclinic.config import Config
from polyclinic.systems.knee.phantoms.shape import (
    GRADES,
    TRAITS,
    Disease,
    Shape,
    draw_disease,
    draw_shape,
)

Share = Annotated[float, Field(ge=0, le=1)]


class KneePhantomConfig(Config):
    """What a cohort of films holds.

    Films that are neither single nor missing a side show both knees.

    Attributes:
        films_per_patient: the same bones, each time in another pose and exposure.
        implants: share of knees that were replaced.
        missing: share of films of both sides on which one knee is not: lost, or outside the field.
        single: share of portrait films of one knee.
        off_centre: share of films with a knee near the border.
        spacing_mm: range of the detector's pixel size in mm.
        widest_px: films are cut to this many columns.
    """

    films_per_patient: Annotated[int, Field(ge=1)] = 1
    implants: Share = 0.05
    missing: Share = 0.04
    single: Share = 0.15
    off_centre: Share = 0.08
    spacing_mm: tuple[Annotated[float, Field(ge=0.1)], Annotated[float, Field(le=2)]] = (0.20, 0.35)
    widest_px: Annotated[int, Field(ge=200)] = 2000

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        low, high = self.spacing_mm
        if low > high:
            raise ValueError(f"spacing_mm runs from {low} down to {high}; give the lower one first")
        if self.missing + self.single > 1:
            raise ValueError("missing and single are shares of all films; together at most 1")
        return self


Side = Literal["R", "L"]
SIDES: tuple[Side, Side] = ("R", "L")

_ALIKE = 0.85  # share of the variance of shapes that both knees of a patient have in common
_STEPS = (-1, 0, 0, 1)  # grade of the second knee beside the first


@dataclass(frozen=True, eq=False, kw_only=True)
class Knee:
    """One knee as it is, before it is placed on a film.

    Args:
        side: of the patient.
        implant: whether it was replaced.
        disease: wear; none where the joint was replaced.
        shape: landmarks.
        valgus: slope of the femoral shaft, up and lateral.
        patella_mm, fibula_mm: (2,) shifts of these bones.
        density: of the bone, about 1.
    """

    side: Side
    implant: bool
    disease: Disease
    shape: Shape
    valgus: float
    patella_mm: NDArray[np.float64]
    fibula_mm: NDArray[np.float64]
    density: float


@dataclass(frozen=True, eq=False, kw_only=True)
class Patient:
    """Traits of a person.

    Args:
        knees: right and left.
        girth: thickness of the legs, about 1.
        fat_mm: thickness of the fat below the skin.
    """

    knees: tuple[Knee, Knee]
    girth: float
    fat_mm: float


def draw_patient(grade: int, implants: float, rng: np.random.Generator) -> Patient:
    """Draw a person.

    Args:
        grade: of one knee; the other differs by at most one, so that all grades stay alike often.
        implants: chance that a knee was replaced.
        rng: source of chance.
    """
    common, density = rng.standard_normal(TRAITS), rng.normal(1, 0.10)
    other = min(max(grade + int(rng.choice(_STEPS)), GRADES[0]), GRADES[-1])
    grades = (grade, other) if rng.random() < 0.5 else (other, grade)
    valgus = rng.normal(0.10, 0.025)
    knees = []
    for side, one in zip(SIDES, grades, strict=True):
        implant = bool(rng.random() < implants)
        disease = draw_disease(0 if implant else one, rng)  # a new joint stands straight
        traits = np.sqrt(_ALIKE) * common + np.sqrt(1 - _ALIKE) * rng.standard_normal(TRAITS)
        turn = rng.normal(0, 1)  # about the leg: the patella goes one way, the fibula the other
        knees.append(
            Knee(
                side=side,
                implant=implant,
                disease=disease,
                shape=draw_shape(traits, disease, rng),
                valgus=float(valgus + rng.normal(0, 0.01)),
                patella_mm=rng.normal((-2 + 3.5 * turn, 0), (1.5, 4)),
                fibula_mm=rng.normal((-2.5 * turn, 0), (1.5, 3)),
                density=float(np.clip(density * rng.normal(1, 0.03), 0.75, 1.3)),
            )
        )
    return Patient(
        knees=(knees[0], knees[1]),
        girth=float(np.clip(rng.normal(1, 0.13), 0.75, 1.35)),
        fat_mm=float(rng.gamma(6, 1.8)),
    )
