"""Settings of the knee phantom."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from polyclinic.config import Config

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
