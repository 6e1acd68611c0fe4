"""Whole films read in two stages, from networks that were trained on views."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bench.evidence.study import Outcome, Variant
from bench.evidence.training import Training
from bench.evidence.views import FILM, make_views

from polyclinic.data import open_cohort
from polyclinic.measure.measurer import NothingToMeasure
from polyclinic.metrics.case import Case
from polyclinic.runs.load import load_network
from polyclinic.schema import KNEE_LANDMARKS
from polyclinic.systems.knee.pairs import knee_errors, knee_pairs
from polyclinic.systems.knee.reader import FilmReader

BATCH = 8


@dataclass(frozen=True, kw_only=True)
class TwoStages:
    """One network finds the centre of each knee, another one its landmarks.

    Args:
        name, meaning: see `Variant`.
        locate, place: the networks.
        refine: how often the window is moved onto the knee.
        flip: whether windows are read mirrored too.
    """

    name: str
    meaning: str
    locate: Training
    place: Training
    refine: int
    flip: bool
    cost: float = 0.3

    @property
    def needs(self) -> Sequence[Variant]:
        """Both networks."""
        return self.locate, self.place

    def settings(self, seed: int) -> Mapping[str, Any]:
        """Of both networks and of the reading."""
        return {
            "locate": dict(self.locate.settings(seed)),
            "place": dict(self.place.settings(seed)),
            "refine": self.refine,
            "flip": self.flip,
        }

    def carry_out(self, home: Path, seed: int) -> Outcome:
        """Read the test films. Time and size are those of both trainings."""
        films = open_cohort(make_views(home, self.place.views.sizes) / "test_films.coco.json")
        locate, place = (load_network(one.run(home, seed)) for one in (self.locate, self.place))
        reader = FilmReader(
            locate,
            place,
            film=FILM.model_copy(update={"refine": self.refine, "flip": self.flip}),
            facts=films.facts(),
            measurer=NothingToMeasure(),
            provenance={},
        )
        cases: list[Case] = []
        for first in range(0, len(films), BATCH):
            batch = [films.load(row) for row in range(first, min(first + BATCH, len(films)))]
            readings = reader.read_batch(batch)
            cases += zip((replace(film, image=None) for film in batch), readings, strict=True)
        errors = knee_errors(cases, knee_pairs(cases, accept=0.0), KNEE_LANDMARKS)
        networks = (locate.network, place.network)
        return Outcome(
            values=errors.mm,
            patients=tuple(films.samples[row].patient_id or "" for row in errors.rows),
            parameters=sum(one.numel() for network in networks for one in network.parameters()),
            steps=self.locate.steps + self.place.steps,
        )
