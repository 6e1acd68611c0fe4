"""Read films of knees in two stages: where the knees are, then what they look like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Facts
from polyclinic.data.grey import grey_from_json
from polyclinic.errors import DataError, ImageError
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import Reading
from polyclinic.runtime.exported.describe import describe
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader, Keep, OpenNetwork, Values, unread
from polyclinic.sample import Sample
from polyclinic.schema.knee import KNEE, NATIVE
from polyclinic.systems.knee.films import (
    FilmConfig,
    Half,
    HalfCells,
    Window,
    half_window,
    halves_of,
    knee_window,
)
from polyclinic.systems.knee.films.views import scaled
from polyclinic.systems.knee.found_knee import FoundKnee, with_bone_edges

UNSURE_SIDE = "side-not-stated"

_MOVED = 0.1
"""Share of its side by which a window mostly moves at most when it is refined."""


@dataclass(frozen=True, eq=False)
class Look:
    """A half of a film, and the middle of the window in which its knee is looked at.

    Args:
        film: loaded, with its scale.
        row: of the film in the batch.
        half: of it.
        cells: of the half, averaged once for all of its views.
        middle: (2,) x, y in film pixels.
    """

    film: Sample
    row: int
    half: Half
    cells: HalfCells
    middle: NDArray[np.float64]


class FilmReader(BaseReader):
    """Finds the knees of a film, and their landmarks in film pixels.

    One network sees each half and places the knee's centre; the other sees a window around it,
    left knees mirrored, and places the landmarks. The window is moved onto the found centre and
    read again, in the end also mirrored. Every view is one homography from the film, and what is
    found comes back through its inverse.

    Args:
        locate: places one landmark in a half.
        place: places the landmarks in a window; may say under `knee` what it sees.
        film: how films are cut.
        facts: of the films that were trained on.
        measurer: makes the measurements of a reading.
        provenance: written into every reading.
        accept: knees with a lower score are not reported.

    Source: Tiulpin, Melekhov, Saarakkala: KNEEL, ICCV workshop VRMI 2019; its own mapping lost
    the crop between window and network, which is why nothing is mapped by hand here.
    """

    def __init__(
        self,
        locate: Reader,
        place: Reader,
        *,
        film: FilmConfig,
        facts: Facts,
        measurer: Measurer,
        provenance: Mapping[str, Any],
        accept: float = 0.5,
    ) -> None:
        super().__init__(
            frame=place.frame,
            classes=facts.classes,
            landmark_schema=facts.landmark_schema,
            measurer=measurer,
            provenance=provenance,
            accept=accept,
        )
        self.locate, self.place = locate.with_candidates(), place.with_candidates()
        self.film, self.facts, self.margins = film, facts, facts.landmark_margins
        self._reports_from: float | None = None

    @property
    def precision(self) -> str:
        """That of the second network; the first one has the same."""
        return self.place.precision

    def with_candidates(self) -> Self:
        """The same reader reporting every candidate; knees it would not report stay flagged."""
        eager = super().with_candidates()
        eager._reports_from = self.reports_from
        return eager

    @property
    def reports_from(self) -> float:
        """The score from which on a knee counts as found."""
        return self.accept if self._reports_from is None else self._reports_from

    def describe(self, keep: Keep, prefix: str) -> dict[str, Any]:
        """Both networks, and how films are cut."""
        return {
            "film": self.film.model_dump(mode="json"),
            "facts": self.facts.to_json(),
            "locate": describe(self.locate, keep, f"{prefix}locate-"),
            "place": describe(self.place, keep, f"{prefix}place-"),
            **self._described(),
            "accept": self.reports_from,
        }

    @classmethod
    def made(cls, values: Values, open_network: OpenNetwork) -> Self:
        """The way back."""
        reader = cls(
            Reader.made(values["locate"], open_network),
            Reader.made(values["place"], open_network),
            film=FilmConfig.parse(values["film"]),
            facts=Facts.from_json(values["facts"]),
            measurer=Measurer.from_json(values["measurer"]),
            provenance=values["provenance"],
            accept=values["accept"],
        )
        reader.grey = grey_from_json(values.get("grey"))
        return reader

    def read_batch(self, samples: Sequence[Sample]) -> list[Reading]:
        """Read loaded films together; one that can't be read gives a reading with `error`."""
        films = [scaled(sample, self.film) for sample in samples]
        readings: dict[int, Reading] = {}
        looks: list[Look] = []
        for row, film in enumerate(films):
            try:
                looks += self._halves(row, film)
            except DataError as error:
                readings[row] = unread(film, str(error), self.provenance)
        try:
            found = self._knees(looks)
        except ImageError as error:  # of one of the films
            if len(films) > 1:
                return [self.read_batch([sample])[0] for sample in samples]
            return [unread(films[0], str(error), self.provenance)]
        for row, film in enumerate(films):
            if row not in readings:
                mine = [knee for look, knee in zip(looks, found, strict=True) if look.row == row]
                readings[row] = self._reading(film, mine)
        return [readings[row] for row in range(len(films))]

    def _halves(self, row: int, film: Sample) -> list[Look]:
        """The halves of a film, with the centres that the first network finds in them."""
        halves = halves_of(film, self.film.layout)
        pixels = self.locate.frame.longest
        windows = [half_window(film, half, self.film.half_mm, pixels) for half in halves]
        # Halves of no stated side are the same columns.
        cells = {
            (first, last): HalfCells(film.pixels[:, first:last], _MOVED)
            for first, last in (half.columns for half in halves)
        }
        views = [window.cut(film, cells[window.half.columns]) for window in windows]
        return [
            Look(film, row, half, cells[half.columns], _points(reading, window)[0][0])
            for half, window, reading in zip(
                halves, windows, self.locate.read_batch(views), strict=True
            )
        ]

    def _knees(self, looks: Sequence[Look]) -> list[FoundKnee]:
        """Look at each window, move it onto the knee, look again."""
        for _ in range(self.film.refine):
            moved = [
                knee.centre(self.film.centre, self.landmark_schema) for knee in self._place(looks)
            ]
            looks = [
                replace(look, middle=middle) for look, middle in zip(looks, moved, strict=True)
            ]
        knees = self._place(looks)
        if not self.film.flip:
            return knees
        mirrored = self._place(looks, mirrored=True)
        return [knee.joined(other) for knee, other in zip(knees, mirrored, strict=True)]

    def _place(self, looks: Sequence[Look], *, mirrored: bool = False) -> list[FoundKnee]:
        windows = [self._window(look, mirrored) for look in looks]
        views = [
            window.cut(look.film, look.cells) for window, look in zip(windows, looks, strict=True)
        ]
        readings = self.place.read_batch(views) if views else []
        return [
            _found(look, window, reading)
            for look, window, reading in zip(looks, windows, readings, strict=True)
        ]

    def _window(self, look: Look, mirrored: bool) -> Window:
        window = knee_window(
            look.film, look.half, look.middle, self.film.knee_mm, self.place.frame.longest
        )
        return window.mirrored() if mirrored else window

    def _reading(self, film: Sample, knees: Sequence[FoundKnee]) -> Reading:
        flags = []
        if not knees[0].half.stated:
            knees = [max(knees, key=lambda knee: (knee.score, float(knee.confidence.mean())))]
            flags.append(f"{UNSURE_SIDE}: read as a {knees[0].half.side} knee")
        instances = []
        for knee in knees:
            flags += knee.flags(film, self.reports_from, self.film.doubt_mm)
            if knee.score >= self.accept:
                instances.append(knee.instance(film, self.classes, self.margins))
        instances.sort(key=lambda one: -(one.score or 0.0))
        reading = Reading(
            image_id=film.image_id,
            size=film.size,
            file=film.file,
            patient_id=film.patient_id,
            spacing=film.spacing,
            classes=self.classes,
            landmark_schema=self.landmark_schema,
            instances=tuple(instances),
            flags=tuple(flags),
            provenance=self.provenance,
        )
        return self.measured(self.completed(film, reading))

    def completed(self, sample: Sample, reading: Reading) -> Reading:
        """With the edges of the bones, where the image shows them near the landmarks."""
        return with_bone_edges(sample, reading)


def _found(look: Look, window: Window, reading: Reading) -> FoundKnee:
    points, confidence, read = _points(reading, window)
    return FoundKnee(
        half=look.half,
        middle=look.middle,
        points=points,
        confidence=confidence,
        read=read,
        seen=reading.findings.get(KNEE, {NATIVE: 1.0}),
        apart=np.zeros_like(points),
    )


def _points(
    reading: Reading, window: Window
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """(K, 2) film pixels, (K,) confidences and (K,) whether each is read, of a view.

    Raises:
        ImageError: the view could not be read.
    """
    if reading.error is not None:
        raise ImageError(reading.error)
    assert reading.instances
    (one,) = reading.instances
    assert one.landmarks is not None
    assert one.landmark_confidence is not None
    points = window.to_view.inverse().points(one.landmarks[:, :2])
    return points, one.landmark_confidence, one.landmarks[:, 2] > 0
