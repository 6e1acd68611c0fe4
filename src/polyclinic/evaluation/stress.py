"""How much a reader bears: the same images read again, degraded level by level."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from polyclinic.atomic import write_text
from polyclinic.console import ProgressCallback
from polyclinic.data.degrade import LEVELS, Kind
from polyclinic.errors import ConfigError
from polyclinic.evaluation.judging import judge_cases, with_intervals
from polyclinic.evaluation.subject import Reread, Subject
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Metric
from polyclinic.reading.csv_cells import csv_text
from polyclinic.sample import Pixels, Sample


@dataclass(frozen=True)
class Worse:
    """What a stress test does to a loaded sample.

    Args:
        kind: of degradation.
        level: 1 to 4.
        quality: name of the label that says how poor an image is; None where nobody reads it.
    """

    kind: Kind
    level: int
    quality: str | None

    def __call__(self, sample: Sample) -> Sample:
        """The sample degraded, in its own size, beside what a restored image must come close to.

        That is the stored sharp partner, or else the image before; in another light, the partner
        in that light.
        """
        changed = replace(sample, image=self._degraded(sample.pixels, sample), deep=None)
        if not self.kind.keeps_detail:
            sharp = sample.pixels if sample.sharp_file is None else None
            changed = replace(changed, sharp=sample.sharp if sample.sharp is not None else sharp)
        elif sample.sharp is not None:
            changed = replace(changed, sharp=self._degraded(sample.sharp, sample))
        else:
            changed = replace(changed, sharp_file=None)
        return replace(changed, labels=self._labels(sample))

    def _degraded(self, pixels: Pixels, sample: Sample) -> Pixels:
        return self.kind.degrade(np.asarray(pixels, np.uint8), self.level, sample.image_id)

    def _labels(self, sample: Sample) -> dict[str, Any]:
        """How poor an image is that was poor and is blurred once more, nobody knows."""
        labels = dict(sample.labels)
        if self.quality is None or not self.kind.blurs:
            return labels
        before = labels.pop(self.quality, 0)
        return labels if before else {**labels, self.quality: self.level / (LEVELS - 1)}


QUALITY = "quality"
"""The label that says how poor an image is, and the quality that a reading states."""
RESTORATION = "restoration"
"""The group of figures of restored images."""


@dataclass(frozen=True, kw_only=True)
class StressLevel:
    """The main figures at one level of one kind of degradation.

    Args:
        kind: its name.
        level: 0, the images as they are, to 4.
        strength: of the level; None at level 0.
        metrics: with 95 % intervals over patients.
    """

    kind: str
    level: int
    strength: float | None
    metrics: tuple[Metric, ...]

    def metric(self, name: str) -> Metric:
        """A main figure by name."""
        return next(one for one in self.metrics if one.name == name)


@dataclass(frozen=True, kw_only=True)
class Stress:
    """The main figures under every kind of degradation that was asked for.

    Args:
        kinds: of degradation.
        levels: of the first kind, then of the next.
    """

    kinds: tuple[Kind, ...]
    levels: tuple[StressLevel, ...]

    @property
    def names(self) -> list[str]:
        """Of the figures that can be followed: those with a value at two levels of a kind."""
        return [
            metric.name
            for metric in self.levels[0].metrics
            if any(self._values(kind.name, metric.name) > 1 for kind in self.kinds)
        ]

    def _values(self, kind: str, figure: str) -> int:
        return sum(metric.value is not None for metric in self.curve(kind, figure))

    def curve(self, kind: str, figure: str) -> list[Metric]:
        """One figure at the levels 0 to 4 of one kind."""
        return [level.metric(figure) for level in self.levels if level.kind == kind]

    def to_json(self) -> dict[str, Any]:
        """Plain values for a JSON file."""
        return {
            "kinds": {kind.name: kind.strength for kind in self.kinds},
            "levels": [asdict(level) for level in self.levels],
        }

    def to_frame(self) -> pd.DataFrame:
        """A row a kind, level and figure."""
        return pd.DataFrame(
            {
                "kind": level.kind,
                "level": level.level,
                "strength": level.strength,
                "figure": one.name,
                "value": one.value,
                "lower": one.lower,
                "upper": one.upper,
                "unit": one.unit,
                "left_out": one.left_out,
            }
            for level in self.levels
            for one in level.metrics
        )

    def write(self, path: Path) -> Path:
        """Write the rows as CSV (UTF-8)."""
        return write_text(csv_text(self.to_frame()), path)


def rereading(subject: Subject) -> Reread:
    """How the subject reads its images again.

    Raises:
        ConfigError: the readings are stored; there is nobody to read again.
    """
    if subject.reread is None:
        raise ConfigError(
            "stored readings can't be put under stress",
            expected="a run, which reads the degraded images",
            where="--stress",
            hint="leave it out, or name the run directory",
        )
    return subject.reread


def put_under_stress(
    subject: Subject,
    reread: Reread,
    main: Sequence[Metric],
    kinds: Sequence[Kind],
    told: ProgressCallback | None = None,
) -> Stress:
    """Read the subject's images again at the levels 1 to 4 of each kind; level 0 is known.

    Restoration is followed from level 1 on: at level 0 only images that were poor before have a
    sharp partner, and a mean over other images is no point of the curve.

    Args:
        subject: a run, or folds of which each reads what it has not seen.
        reread: from `rereading`.
        main: the figures to follow, at level 0.
        kinds: of degradation.
        told: called with images done and images in all.
    """
    known = tuple(_nothing(one) if one.group == RESTORATION else one for one in main)
    passes = [(kind, level) for kind in kinds for level in range(1, LEVELS)]
    degraded: dict[tuple[str, int], tuple[Metric, ...]] = {}
    for place, (kind, level) in enumerate(passes):
        worse = Worse(kind, level, _quality_label(subject.cases))
        cases = reread(worse, part_of(told, place, len(passes)))
        degraded[kind.name, level] = _followed(subject, cases, main)
    return Stress(
        kinds=tuple(kinds),
        levels=tuple(
            StressLevel(
                kind=kind.name,
                level=level,
                strength=kind.strength_of(level),
                metrics=degraded.get((kind.name, level), known),
            )
            for kind in kinds
            for level in range(LEVELS)
        ),
    )


def part_of(told: ProgressCallback | None, place: int, passes: int) -> ProgressCallback | None:
    """Count the images of one of several passes after those of the passes before."""
    if told is None:
        return None
    return lambda done, total: told(place * total + done, passes * total)


def _followed(
    subject: Subject, cases: Sequence[Case], main: Iterable[Metric]
) -> tuple[Metric, ...]:
    """The main figures of degraded cases; what can't be computed any more has no value.

    Intervals of measurements are not learnt anew from degraded images.
    """
    figures = {one.name: one for one in judge_cases(replace(subject, folds=None), cases).figures}
    left = [figures[one.name] for one in main if one.name in figures]
    patients = patient_rows([sample for sample, _ in cases])
    found = {one.name: one for one in with_intervals(left, patients)}
    return tuple(found.get(one.name, _nothing(one)) for one in main)


def _nothing(metric: Metric) -> Metric:
    note = "nothing to compute it from"
    return replace(metric, value=None, lower=None, upper=None, baseline=None, cases=0, note=note)


def _quality_label(cases: Sequence[Case]) -> str | None:
    """The quality that readings state and degraded images are labelled with; None without any.

    A scale that is not that of levels, 0 to 1, says nothing about the levels.
    """
    if not any(QUALITY in reading.quality for _, reading in cases):
        return None
    known = [sample.labels[QUALITY] for sample, _ in cases if QUALITY in sample.labels]
    on_scale = all(isinstance(one, int | float) and 0 <= one <= 1 for one in known)
    return QUALITY if on_scale else None
