"""Phantom films and the views that are learnt from, made once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Cohort, open_cohort, write_coco
from polyclinic.geometry import move_landmarks
from polyclinic.sample import Instance, Sample
from polyclinic.schema import KNEE_LANDMARKS
from polyclinic.schema.knee import KNEE_CENTRE
from polyclinic.systems.knee.films import FilmConfig, Half, Window, half_window, knee_window
from polyclinic.systems.knee.films.views import CENTRE_SCHEMA, annotated_halves, centre_of
from polyclinic.systems.knee.phantoms import KneePhantomConfig, make_cohort

PIXELS = 112
FILM = FilmConfig(half_mm=400.0)
OFF_MM = 8.0
"""Test windows lie so far beside the knee in x and y at most, as those of a first stage do."""

Point = NDArray[np.float64]
Frame = Callable[[Sample, Half, Point], Window]


@dataclass(frozen=True, kw_only=True)
class Look:
    """How a knee is shown: a window around it or the half of the film, and its landmarks."""

    name: str
    pixels: int = PIXELS
    whole_half: bool = False
    only_centre: bool = False


WINDOW = Look(name="window")
HALF = Look(name="half", pixels=PIXELS * 3 // 2, whole_half=True)
CENTRE = Look(name="centre", whole_half=True, only_centre=True)
LOOKS = (WINDOW, HALF, CENTRE)


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """How many patients there are: the first ones to learn from, the others to be tested on."""

    training: int
    test: int

    @property
    def folder(self) -> str:
        """Of their films and views."""
        return f"data-{self.training}-{self.test}-{PIXELS}px"


def make_views(home: Path, sizes: Sizes) -> Path:
    """Draw films and cut all views, unless that has been done; return their folder."""
    folder = home / sizes.folder
    if (folder / "done").exists():
        return folder
    films = open_cohort(
        make_cohort(
            folder / "films",
            patients=sizes.training + sizes.test,
            seed=0,
            config=KneePhantomConfig(implants=0, missing=0),
        )
    )
    order = sorted({sample.patient_id or "" for sample in films.samples})
    learnt, tested = (
        films.subset(r for r, s in enumerate(films.samples) if s.patient_id in patients)
        for patients in (order[: sizes.training], order[sizes.training :])
    )
    _cut(learnt, "train", folder, off_mm=0.0)
    _cut(tested, "test", folder, off_mm=OFF_MM)
    write_coco(tested, folder / "test_films.coco.json")
    (folder / "done").touch()
    return folder


def _cut(films: Cohort, part: str, folder: Path, off_mm: float) -> None:
    """Write one data set a look; windows lie up to `off_mm` beside the knee."""
    random = np.random.default_rng(0)
    kept: dict[Look, list[Sample]] = {look: [] for look in LOOKS}
    for row in range(len(films)):
        film = films.load(row)
        for half, knee in _knees(film, films):
            away = random.uniform(-off_mm, off_mm, 2) / film.spacing.row_mm
            for look, views in kept.items():
                view = _view(look, film, half, knee, films, away)
                views.append(_written(view, folder / look.name, part))
    for look, views in kept.items():
        write_coco(as_cohort(look, views), folder / f"{look.name}_{part}.coco.json")


def as_cohort(look: Look, views: list[Sample]) -> Cohort:
    """Views of one look as a data set."""
    schema = CENTRE_SCHEMA if look.only_centre else KNEE_LANDMARKS
    return Cohort(samples=tuple(views), classes=("knee",), landmark_schema=schema, name=look.name)


def _knees(film: Sample, films: Cohort) -> Iterator[tuple[Half, Instance]]:
    for half, knee in annotated_halves(film, films.classes, films.landmark_schema, FILM):
        if knee is not None and knee.landmarks is not None:
            yield half, knee


def _view(
    look: Look, film: Sample, half: Half, knee: Instance, films: Cohort, away: Point
) -> Sample:
    """The view with its knee as the only object."""
    middle = centre_of(knee, films.landmark_schema, FILM)
    if look.whole_half:
        window = half_window(film, half, FILM.half_mm, look.pixels)
    else:
        window = knee_window(film, half, middle + away, FILM.knee_mm, look.pixels)
    view = window.cut(film)
    landmarks = knee.landmarks
    assert landmarks is not None
    if look.only_centre:
        landmarks = landmarks[[KNEE_LANDMARKS.index(KNEE_CENTRE)]]
    box = np.array([-0.5, -0.5, look.pixels - 0.5, look.pixels - 0.5])
    moved = move_landmarks(landmarks, window.to_view, view.size)
    return replace(view, instances=(Instance(box=box, category=0, landmarks=moved),))


def _written(view: Sample, folder: Path, part: str) -> Sample:
    """The view with its pixels, which are grey, in a file."""
    folder.mkdir(exist_ok=True)
    file = folder / f"{str(view.image_id).replace(' ', '_')}.png"
    if not cv2.imwrite(str(file), view.pixels[..., 0]):
        raise OSError(f"{file} can't be written")
    return replace(view, image=None, file=str(file.absolute()), extra={"split": part})
