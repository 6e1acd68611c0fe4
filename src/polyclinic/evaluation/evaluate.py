"""Readings judged against annotations, with everything that a reviewer asks for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.console import ProgressCallback
from polyclinic.data import Cohort, open_cohort
from polyclinic.data.degrade import Kind, named_kinds
from polyclinic.data.raters import settled
from polyclinic.errors import ConfigError
from polyclinic.evaluation.collection import paused_collection
from polyclinic.evaluation.compare import Comparison, compare
from polyclinic.evaluation.flow import Flow, participant_flow
from polyclinic.evaluation.judging import judge_cases, with_intervals
from polyclinic.evaluation.leaks import Leak, find_leaks, looked_at
from polyclinic.evaluation.opening import REFERENCE, is_stored, open_subject, reference_of
from polyclinic.evaluation.stress import Stress, put_under_stress, rereading
from polyclinic.evaluation.subgroups import Subgroup, subgroups
from polyclinic.evaluation.subject import Part, Subject
from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Metric
from polyclinic.metrics.measured import MeasuredPairs


@dataclass(frozen=True, eq=False, kw_only=True)
class Evaluation:
    """A reader judged on N cases.

    Args:
        subject: what was judged, with every candidate.
        cohort: the data set.
        reported: the cases with readings as users see them: accepted, measured, calibrated.
        pairs: measurements read beside those of the annotations.
        figures: as functions of weights over the cases.
        metrics: the figures with 95 % intervals over patients.
        subgroups: the main figures of parts of the cases.
        leaks: images that the training has seen.
        looked_at: how many of the judged images were compared by look with those of the training;
            None where these are not known.
        comparison: with a second reader on the same cases.
        stress: the main figures on degraded images.
        reference: which of several raters' annotations count; None where one rater an image is all.
    """

    subject: Subject
    cohort: Cohort
    reported: list[Case]
    pairs: list[MeasuredPairs]
    figures: list[Figure]
    metrics: list[Metric]
    subgroups: tuple[Subgroup, ...] = ()
    leaks: tuple[Leak, ...] = ()
    looked_at: int | None = None
    comparison: Comparison | None = field(default=None)
    stress: Stress | None = None
    reference: str | None = None

    @cached_property
    def patients(self) -> NDArray[np.intp]:
        """(N,) the number of each case's patient."""
        return patient_rows([sample for sample, _ in self.reported])

    @property
    def images(self) -> int:
        """How many images were judged; an image is a case for each rater that it is judged by."""
        return len({sample.image_id for sample, _ in self.reported})

    @cached_property
    def flow(self) -> tuple[Flow, ...]:
        """How many images and patients each task was judged on, and what became of the others."""
        return participant_flow(self.subject.cases, self.patients)

    def metric(self, name: str) -> Metric | None:
        """A figure by name; None when there is none."""
        return next((one for one in self.metrics if one.name == name), None)

    def headline(self) -> list[Metric]:
        """The figures that matter most."""
        named = {metric.name: metric for metric in self.metrics}
        return [named[name] for name in self.subject.headline(self.figures)]

    def to_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        document = {
            "data": self.cohort.name,
            "part": self.subject.part,
            "images": self.images,
            "patients": len(np.unique(self.patients)),
            "in_data": {
                "images": len(self.cohort),
                "patients": len(np.unique(patient_rows(self.cohort.samples))),
            },
            "flow": [one.to_json() for one in self.flow],
            "accept": self.subject.accept,
            "metrics": [asdict(metric) for metric in self.metrics],
            "subgroups": [one.to_json() for one in self.subgroups],
            "leaks": [asdict(leak) for leak in self.leaks],
            "images_compared_with_training": self.looked_at,
        }
        if self.reference is not None:
            document |= {"reference": self.reference, "cases": len(self.reported)}
        if self.subject.folds is not None:
            document["folds"] = [
                {"fold": int(fold), "metrics": values}
                for fold, values in by_fold(self.figures, self.subject.folds).items()
            ]
        if self.comparison is not None:
            document["comparison"] = self.comparison.to_json()
        if self.stress is not None:
            document["stress"] = self.stress.to_json()
        return document


def evaluate(
    run: str | Path,
    data: str | Path,
    *,
    against: str | Path | None = None,
    part: Part | None = None,
    accept: float | None = None,
    stress: Sequence[str] = (),
    reference: str | None = None,
    told: ProgressCallback | None = None,
) -> Evaluation:
    """Judge a reader on a data set, alone or beside another on the same cases.

    Args:
        run: run directory, directory of a cross-validation, or stored readings.
        data: annotated images.
        against: the same, of a second reader; both are judged on the cases that both may see.
        part: which images; unless given, the test part of the run's own data, all of other data.
        accept: the score from which on an instance counts as found in everything but average
            precision; unless given, the run's own, or what the file of readings says.
        stress: kinds of degradation, of `polyclinic.data.degrade.KINDS`: the images are read again
            at four levels of each.
        reference: what counts where several raters annotated one image: `one:RATER`, `majority`,
            `each` (every rater is a case of the same patient) or `shared`; unless given, what the
            run was taught by.
        told: called with images done and images in all.

    Raises:
        RunError: a run can't be used.
        DataError: the data can't be used, hold nothing to judge on, or have other classes.
        ConfigError: `part`, `accept` or `stress` can't be what they are.
    """
    kinds = _kinds(stress, against)
    readers = [Path(one) for one in (run, against) if one is not None]
    with paused_collection():
        if reference is None:
            reference = next(filter(None, map(reference_of, readers)), None)
        cohort = settled(open_cohort(data), reference, REFERENCE)
        if all(map(is_stored, readers)):
            cohort = cohort.without_rows()
    subject, *others = (
        open_subject(reader, cohort, part=part, accept=accept, told=told) for reader in readers
    )
    if not others:
        found = _stressed(subject, cohort, kinds, told) if kinds else _judged(subject, cohort)
    else:
        found = compare(subject, others[0], lambda one: _judged(one, cohort))
    return found if cohort.opened_digest is None else replace(found, reference=reference)


def _kinds(stress: Sequence[str], against: str | Path | None) -> list[Kind]:
    if stress and against is not None:
        raise ConfigError(
            "a stress test looks at one reader",
            where="--stress",
            hint="leave RUN2 out, and put it under stress by itself",
        )
    return named_kinds(stress)


def _stressed(
    subject: Subject, cohort: Cohort, kinds: Sequence[Kind], told: ProgressCallback | None
) -> Evaluation:
    reread = rereading(subject)
    evaluation = _judged(subject, cohort)
    stress = put_under_stress(subject, reread, evaluation.headline(), kinds, told)
    return replace(evaluation, stress=stress)


def _judged(subject: Subject, cohort: Cohort) -> Evaluation:
    judged = judge_cases(subject, subject.cases)
    reported, figures = judged.reported, judged.figures
    patients = patient_rows([sample for sample, _ in reported])
    metrics = with_intervals(figures, patients)
    leaks = find_leaks(subject, cohort)
    named = {figure.name: figure for figure in figures}
    headline = [named[name] for name in subject.headline(figures)]
    return Evaluation(
        subject=subject,
        cohort=cohort,
        reported=reported,
        pairs=judged.pairs,
        figures=figures,
        metrics=metrics,
        subgroups=subgroups(reported, headline, patients, leaks),
        leaks=leaks,
        looked_at=looked_at(subject, cohort),
    )


def by_fold(
    figures: Sequence[Figure], folds: NDArray[np.intp]
) -> dict[int, dict[str, float | None]]:
    """Each figure of each fold alone."""
    return {
        int(fold): {one.name: one.value((folds == fold).astype(float)) for one in figures}
        for fold in np.unique(folds)
    }
