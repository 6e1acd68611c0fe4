"""Stages that see spots of light instead of knees, and films that show such spots.

A knee is three spots: red to the outside, green in the middle, blue to the inside. White spots
are a replaced knee.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from polyclinic.data import Cohort
from polyclinic.data.augment import FrameConfig
from polyclinic.measure.distances import DistanceMeasurer
from polyclinic.measure.measurer import NothingToMeasure
from polyclinic.reading import Reading
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Instance, Sample, Spacing
from polyclinic.schema import KNEE_CLASSES, LandmarkSchema
from polyclinic.schema.knee import ABSENT, IMPLANT, KNEE, NATIVE
from polyclinic.systems.knee.films import FilmConfig
from polyclinic.systems.knee.films.views import CENTRE_SCHEMA
from polyclinic.systems.knee.reader import FilmReader
from tests.systems.knee.films.painted import brightest, spots

SCHEMA = LandmarkSchema(names=("outer", "tibia_4", "inner"))
MM = Spacing(row_mm=0.5, column_mm=0.4, origin="detector")
REACH = 30.0


class Stage(BaseReader):
    """Finds the spots of a view.

    Args:
        pixels: side of its views.
        schema: one point, or that of a knee.
        shift: view pixels that every point is read to the right of its place.
        towards: share of the way from the middle of the view that points are read at.
        states: whether it says what it sees under `knee`.
    """

    def __init__(self, pixels, schema, *, shift=0.0, towards=1.0, states=False, surely=0.95):
        super().__init__(
            frame=FrameConfig(longest=pixels),
            classes=("knee",),
            landmark_schema=schema,
            measurer=NothingToMeasure(),
            provenance={},
            accept=0.5,
        )
        self.shift, self.towards, self.states, self.surely = shift, towards, states, surely

    def read_batch(self, samples):
        return [self._reading(sample) for sample in samples]

    def _reading(self, view):
        points, state = self._seen(np.asarray(view.pixels, float))
        middle = (np.array(view.size) - 1) / 2
        points = middle + self.towards * (points - middle) + [self.shift, 0]
        found = Instance(
            box=np.array([0.0, 0, 1, 1]),
            category=0,
            landmarks=np.column_stack([points, np.full(len(points), 2.0)]),
            landmark_confidence=np.full(len(points), 0.8),
            score=0.1,
        )
        rest = (1 - self.surely) / 2
        states = dict.fromkeys((NATIVE, IMPLANT, ABSENT), rest) | {state: self.surely}
        return Reading(
            image_id=view.image_id,
            size=view.size,
            classes=self.classes,
            landmark_schema=self.landmark_schema,
            instances=(found,),
            findings={KNEE: states} if self.states else {},
        )

    def _seen(self, light):
        middle = (np.array(light.shape[:2]) - 1) / 2
        if light.max() < 30:
            return np.repeat(middle[None], len(self.landmark_schema), 0), ABSENT
        if len(self.landmark_schema) == 1:
            return brightest(light[..., 1:2])[None], NATIVE
        places = [brightest(light[..., c : c + 1]) for c in range(3)]
        white = np.ptp(light, axis=2).max() < 30
        return np.array(places), IMPLANT if white else NATIVE


def reader(*, place: dict[str, Any] | None = None, **settings: Any) -> FilmReader:
    """A reader of films whose second stage is changed by `place`, and films by `settings`."""
    example = Sample(
        image_id=0,
        size=(10, 10),
        instances=tuple(
            Instance(box=np.array([0.0, 0, 9, 9]), category=c, landmarks=np.full((3, 3), 2.0))
            for c in (0, 1)
        ),
    )
    cohort = Cohort(samples=(example,), classes=KNEE_CLASSES, landmark_schema=SCHEMA)
    return FilmReader(
        Stage(128, CENTRE_SCHEMA),
        Stage(200, SCHEMA, **({"states": True} | (place or {}))),
        film=FilmConfig(**({"half_mm": 150.0} | settings)),
        facts=cohort.facts(),
        measurer=DistanceMeasurer(pairs=(("outer", "inner"),)),
        provenance={"model": "spots"},
    )


def points_of(centre, side, spacing=MM):
    """(3, 2) outer, middle and inner point of a knee; the inner one is towards the other knee."""
    reach = np.array([REACH / spacing.column_mm, 0]) * (1 if side == "right" else -1)
    return np.asarray(centre, float) + np.array([-1, 0, 1])[:, None] * reach


def film(size=(240, 400), *, right=None, left=None, implant=None, spacing=MM, **changes):
    """A film with knees at the places given."""
    light = np.zeros((*size, 3), np.uint8)
    for side, centre in (("right", right), ("left", left)):
        if centre is None:
            continue
        for channel, place in enumerate(points_of(centre, side)):
            light[..., channel] |= spots(size, [place])[..., 0]
    if implant is not None:
        light |= spots(size, [implant])
    film = Sample(image_id="film", size=size, image=light, spacing=spacing)
    return replace(film, **changes)
