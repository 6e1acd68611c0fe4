"""How films are cut: halves, and squares that a network looks at, as one homography."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, PositiveFloat

from polyclinic.config import Config
from polyclinic.errors import DataError
from polyclinic.geometry import Homography, move_spacing
from polyclinic.sample import Sample, Spacing
from polyclinic.schema.knee import KNEE_CENTRE
from polyclinic.systems.knee.films.cells import HalfCells

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


Side = Literal["right", "left"]

SIDES: dict[str, Side] = {"R": "right", "L": "left"}
BOTH = "B"


@dataclass(frozen=True)
class Half:
    """The part of a film that shows one knee.

    Args:
        side: of the patient; a left knee is looked at mirrored.
        columns: first and one after the last.
        stated: whether the side is known; else the same columns are also looked at as the other
            side, and the surer one counts.
    """

    side: Side
    columns: tuple[int, int]
    stated: bool = True


def halves_of(film: Sample, layout: Layout) -> tuple[Half, ...]:
    """The halves of a film; the patient's right is on the left, as films are hung.

    Args:
        film: its size and laterality are looked at.
        layout: see `FilmConfig`.
    """
    height, width = film.size
    said = (film.laterality or "").strip().upper()[:1]
    side = SIDES.get(said)
    shows_both = said == BOTH or (side is None and width > height)
    if layout == "bilateral" or (layout == "auto" and shows_both):
        middle = width // 2
        return Half("right", (0, middle)), Half("left", (middle, width))
    whole = (0, width)
    if side is not None:
        return (Half(side, whole),)
    return Half("right", whole, stated=False), Half("left", whole, stated=False)


Point = NDArray[np.float64]
"""(2,) x, y in pixels."""


@dataclass(frozen=True, eq=False)
class Window:
    """A square of a film, seen at a fixed scale.

    Args:
        half: what of the film is looked at; the rest is black, so that only one knee is seen.
        to_view: film pixels to view pixels, centres at integers in both; it mirrors left knees.
        pixels: side of the view.
    """

    half: Half
    to_view: Homography
    pixels: int

    def cut(self, film: Sample, cells: HalfCells | None = None) -> Sample:
        """The view as a sample without annotations: one resampling of a loaded film.

        Args:
            film: loaded.
            cells: of this half of it, where several views are cut.
        """
        first, last = self.half.columns
        cells = cells or HalfCells(film.pixels[:, first:last])
        from_half = self.to_view @ Homography.translation(first, 0)
        size = (self.pixels, self.pixels)
        return Sample(
            image_id=f"{film.image_id} {self.half.side}",
            size=size,
            image=cells.view(from_half, size),
            file=film.file,
            patient_id=film.patient_id,
            study_id=film.study_id,
            laterality=self.half.side,
            site=film.site,
            device=film.device,
            spacing=move_spacing(film.spacing, self.to_view),
        )

    def mirrored(self) -> Window:
        """The same square, the other way round."""
        return Window(self.half, Homography.mirror(self.pixels) @ self.to_view, self.pixels)


def half_window(film: Sample, half: Half, side_mm: float, pixels: int) -> Window:
    """The square that shows a whole half, in its middle.

    Where the half is larger than `side_mm` the square grows: nothing is cut off.

    Raises:
        DataError: the film has no scale.
    """
    spacing = known_spacing(film)
    first, last = half.columns
    wanted = ((last - first) * spacing.column_mm, film.size[0] * spacing.row_mm)
    return knee_window(film, half, middle_of(film, half), max(side_mm, *wanted), pixels)


def knee_window(film: Sample, half: Half, middle: Point, side_mm: float, pixels: int) -> Window:
    """The square of `side_mm` around a point.

    Raises:
        DataError: the film has no scale.
    """
    spacing = known_spacing(film)
    across, down = (mm * pixels / side_mm for mm in (spacing.column_mm, spacing.row_mm))
    across = -across if half.side == "left" else across
    centre = (pixels - 1) / 2
    matrix = np.array(
        [
            [across, 0, centre - across * middle[0]],
            [0, down, centre - down * middle[1]],
            [0, 0, 1],
        ]
    )
    return Window(half, Homography(matrix), pixels)


def middle_of(film: Sample, half: Half) -> Point:
    """The middle of a half."""
    first, last = half.columns
    return np.array([(first + last - 1) / 2, (film.size[0] - 1) / 2])


def known_spacing(film: Sample) -> Spacing:
    """The scale of a film.

    Raises:
        DataError: it has none; a guessed scale would show knees at another size.
    """
    if not film.spacing.known:
        raise DataError(
            "the film has no physical scale",
            expected="spacing_mm in the annotations, or a spacing tag of the DICOM file",
            where=film.file or str(film.image_id),
            hint="state it: --set film.spacing_mm=0.2 when fitting, --spacing-um 200 when reading",
        )
    return film.spacing
