"""How films are cut into views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field, PositiveFloat

from polyclinic.config import Config
from polyclinic.schema.knee import KNEE_CENTRE

Layout = Literal["auto", "bilateral", "single"]


class FilmConfig(Config):
    """Scale, halves and windows; lengths are those on the film."""

    layout: Layout = Field(
        "auto",
        description="how many knees a film shows; auto: what its laterality says, else two where "
        "it is wider than high",
    )
    spacing_mm: PositiveFloat | None = Field(
        None, description="mm per pixel of films that carry no scale of their own"
    )
    centre: tuple[str, ...] = Field(
        (KNEE_CENTRE,),
        description="a knee is looked at around the middle of these landmarks; of all of them "
        "where the data have others",
    )
    half_mm: PositiveFloat = Field(450.0, description="side of the square that shows a half")
    knee_mm: PositiveFloat = Field(140.0, description="side of the square around a knee")
    decoys: float = Field(
        0.1, ge=0, le=1, description="share of knees that also give a window beside the knee"
    )
    refine: int = Field(1, ge=0, le=4, description="how often the window is moved onto the knee")
    flip: bool = Field(True, description="each window is also read mirrored, and both are averaged")
    doubt_mm: PositiveFloat = Field(
        3.0, description="knees are flagged whose two readings differ by more, on average"
    )

    def without_effect(self) -> Mapping[str, str]:
        """When two readings of a window differ, where there is one."""
        return {} if self.flip else {"doubt_mm": "windows are not read mirrored"}
