"""Intervals that respect that images of one patient resemble each other."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from polyclinic.sample import Sample

T = TypeVar("T")

ENOUGH = 0.9  # share of resamples in which the statistic must exist


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A statistic with its percentile interval.

    Args:
        value: the statistic of all cases; None when it can't be computed.
        lower, upper: None when there are less than two patients or the statistic does not
            exist in one resample of ten or more.
        patients: number of patients.
    """

    value: float | None
    lower: float | None
    upper: float | None
    patients: int


def by_patient(cases: Sequence[T], sample_of: Callable[[T], Sample]) -> dict[str, list[T]]:
    """Group cases by patient; an image without a patient is a patient of its own.

    Args:
        cases: anything that belongs to a sample.
        sample_of: takes the sample from a case.
    """
    groups: dict[str, list[T]] = {}
    for case in cases:
        sample = sample_of(case)
        patient = sample.patient_id
        key = f"image {sample.image_id}" if patient is None else f"patient {patient}"
        groups.setdefault(key, []).append(case)
    return groups


def patient_interval(
    groups: Mapping[str, Sequence[T]],
    statistic: Callable[[list[T]], float | None],
    *,
    resamples: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Interval:
    """Percentile bootstrap: whole patients are drawn with replacement, never single images.

    Args:
        groups: cases by patient.
        statistic: a figure of a list of cases; None when it does not exist.
        resamples: number of draws.
        level: coverage.
        seed: the same seed gives the same interval.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, chapter 13; cluster
    resampling as in Davison and Hinkley, 1997, section 3.8.
    """
    patients = [list(groups[key]) for key in sorted(groups)]
    count = len(patients)
    value = statistic([case for patient in patients for case in patient])
    if count < 2 or value is None:
        return Interval(value=value, lower=None, upper=None, patients=count)
    random = np.random.default_rng(seed)
    drawn = (
        statistic([case for row in random.integers(count, size=count) for case in patients[row]])
        for _ in range(resamples)
    )
    known = np.array([figure for figure in drawn if figure is not None])
    if len(known) < ENOUGH * resamples:
        return Interval(value=value, lower=None, upper=None, patients=count)
    tail = 50.0 * (1.0 - level)
    lower, upper = np.percentile(known, [tail, 100.0 - tail])
    return Interval(value=value, lower=float(lower), upper=float(upper), patients=count)
