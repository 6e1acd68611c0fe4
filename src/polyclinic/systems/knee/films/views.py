"""What the two networks are trained on: annotated views of annotated films."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.cohort import Cohort
from polyclinic.errors import DataError
from polyclinic.geometry import move_landmarks
from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema import KNEE_CLASSES, LandmarkSchema
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE, NATIVE
from polyclinic.systems.knee.films.window import (
    FilmConfig,
    Half,
    Point,
    Side,
    Window,
    half_window,
    halves_of,
    knee_window,
    middle_of,
)


def check_films(cohort: Cohort, config: FilmConfig) -> None:
    """Make sure that knees have landmarks, known sides and a scale.

    Raises:
        DataError: they don't.
    """
    if cohort.landmark_schema is None or not cohort.facts().annotates("landmarks"):
        raise DataError(
            "no knee has landmarks",
            expected="columns such as tibia_0_x and tibia_0_y, or COCO keypoints",
            where=cohort.name,
        )
    if len(cohort.classes) > 1 and set(cohort.classes) != set(KNEE_CLASSES):
        raise DataError(
            f"the objects are of the classes {', '.join(cohort.classes)}",
            expected=f"{' and '.join(KNEE_CLASSES)}, or one class for all knees",
            where=cohort.name,
        )
    said = {one.labels.get(KNEE, NATIVE) for s in cohort.samples for one in s.instances or ()}
    if unknown := sorted(str(value) for value in said - {NATIVE, IMPLANT}):
        raise DataError(
            f"knees have the label knee = {', '.join(unknown)}",
            expected=f"{NATIVE} or {IMPLANT}; a knee that is not on a film has no annotation",
            where=cohort.name,
        )
    unscaled = [sample for sample in cohort.samples if not sample.spacing.known]
    if unscaled and config.spacing_mm is None:
        first = unscaled[0].file or str(unscaled[0].image_id)
        raise DataError(
            f"{len(unscaled)} of {len(cohort)} films have no physical scale, {first} first",
            expected="spacing_mm of each film, or a spacing tag in its DICOM file",
            where=cohort.name,
            hint="--set film.spacing_mm=0.2 states one for all of them",
        )


CENTRE_SCHEMA = LandmarkSchema(names=("centre",))

DECOY_MM = (100.0, 160.0)
"""How far up or down a decoy lies."""


def scaled(film: Sample, config: FilmConfig) -> Sample:
    """A film with the stated scale where it carries none."""
    if film.spacing.known or config.spacing_mm is None:
        return film
    return replace(film, spacing=Spacing.square(config.spacing_mm, "assumed"))


def centre_of(knee: Instance, schema: LandmarkSchema | None, config: FilmConfig) -> Point:
    """(2,) middle of the landmarks that name the centre, else of all, else of the box."""
    if knee.landmarks is not None and schema is not None:
        labelled = knee.landmarks[:, 2] > 0
        rows = [schema.index(name) for name in config.centre if name in schema.names]
        for chosen in (rows, list(range(len(schema)))):
            if chosen and labelled[chosen].all():
                return np.asarray(knee.landmarks[chosen, :2].mean(0))
        if labelled.any():
            return np.asarray(knee.landmarks[labelled, :2].mean(0))
    return (knee.box[:2] + knee.box[2:]) / 2


def annotated_halves(
    film: Sample,
    classes: Sequence[str],
    schema: LandmarkSchema | None,
    config: FilmConfig,
) -> Iterator[tuple[Half, Instance | None]]:
    """Each half with its knee; None where it shows none.

    A film whose halves have no stated side is looked at from the side that its knee is of; where
    the class does not tell either, as a right one. Of several knees in a half the one of its side
    counts. A film without annotations gives nothing.
    """
    if (annotated := film.instances) is None:
        return
    halves = halves_of(film, config.layout)
    knees = [one for one in annotated if not one.crowd]
    if not halves[0].stated:
        knee = knees[0] if knees else None
        yield halves[int(knee is not None and _side_of(knee, classes) == "left")], knee
        return
    for half in halves:
        first, last = half.columns
        inside = [k for k in knees if first - 0.5 <= centre_of(k, schema, config)[0] < last - 0.5]
        own = [k for k in inside if _side_of(k, classes) == half.side]
        yield half, next(iter(own or inside), None)


def _side_of(knee: Instance, classes: Sequence[str]) -> Side | None:
    """The side that a knee's class names."""
    name = None if knee.category is None else classes[knee.category]
    sides: dict[str, Side] = {KNEE_CLASSES[0]: "right", KNEE_CLASSES[1]: "left"}
    return sides.get(name or "")


def locate_views(
    film: Sample,
    classes: Sequence[str],
    schema: LandmarkSchema | None,
    config: FilmConfig,
    pixels: int,
) -> list[Sample]:
    """The halves that hold a knee, each with one landmark, its centre.

    Args:
        film: loaded and annotated.
        classes: of the data.
        schema: of its landmarks.
        config: how it is cut.
        pixels: side of the views.

    Raises:
        DataError: the film has no scale.
    """
    film = scaled(film, config)
    views = []
    for half, knee in annotated_halves(film, classes, schema, config):
        if knee is not None:
            window = half_window(film, half, config.half_mm, pixels)
            point = np.append(centre_of(knee, schema, config), 2.0)[None]
            views.append(_annotated(window, film, knee, point))
    return views


def knee_views(
    film: Sample,
    classes: Sequence[str],
    schema: LandmarkSchema | None,
    config: FilmConfig,
    pixels: int,
) -> list[Sample]:
    """A window around each knee with its landmarks, and some that show none.

    Every view says under the label `knee` what it shows. Halves without a knee give a view of
    their middle; some knees give a decoy, a view of the leg above or below.

    Args:
        film: loaded and annotated.
        classes: of the data.
        schema: of its landmarks.
        config: how it is cut.
        pixels: side of the views.

    Raises:
        DataError: the film has no scale.
    """
    film = scaled(film, config)
    rng = np.random.default_rng(zlib.crc32(str(film.image_id).encode()))
    views = []
    for half, knee in annotated_halves(film, classes, schema, config):
        if knee is None and not film.objects_complete:
            continue  # there may be one that nobody annotated
        if knee is None:
            empty = knee_window(film, half, middle_of(film, half), config.knee_mm, pixels)
            views.append(_empty(empty, film, ""))
            continue
        middle = centre_of(knee, schema, config)
        window = knee_window(film, half, middle, config.knee_mm, pixels)
        views.append(_annotated(window, film, knee, knee.landmarks))
        if rng.random() < config.decoys:
            away = rng.uniform(*DECOY_MM) * rng.choice([-1, 1]) / film.spacing.row_mm
            beside = knee_window(film, half, middle + np.array([0, away]), config.knee_mm, pixels)
            views.append(_empty(beside, film, " beside"))
    return views


def _annotated(
    window: Window, film: Sample, knee: Instance, landmarks: NDArray[np.float64] | None
) -> Sample:
    """A view with its knee as the only object, of class 0."""
    view = window.cut(film)
    size = view.size
    found = Instance(
        box=np.array([-0.5, -0.5, size[1] - 0.5, size[0] - 0.5]),
        category=0,
        # Names are anatomical: a mirrored view keeps them.
        landmarks=None if landmarks is None else move_landmarks(landmarks, window.to_view, size),
        labels=knee.labels,
    )
    labels: dict[str, Any] = {KNEE: knee.labels.get(KNEE, NATIVE)}
    return replace(view, instances=(found,), labels=labels)


def _empty(window: Window, film: Sample, addition: str) -> Sample:
    view = window.cut(film)
    name = f"{view.image_id}{addition}"
    return replace(view, image_id=name, instances=(), labels={KNEE: ABSENT})
