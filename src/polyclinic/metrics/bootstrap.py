"""Intervals that respect that images of one patient resemble each other."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t

from polyclinic.data.patients import patient_names
from polyclinic.metrics.figure import DRAWS, Values, Weighted, known
from polyclinic.sample import Sample

ENOUGH = 0.9
"""Share of draws in which a figure must exist for its interval to be stated."""

_AT_ONCE = 1_000_000
"""Weights held in memory at a time."""

_MOST_WORKERS = 4
"""Figures computed at a time, each with its own arrays."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An interval, or None on both sides where there is none.

    Args:
        lower, upper: None when there are less than two patients, or when the figure does not
            exist in one draw of ten or more.
        patients: number of patients.
    """

    lower: float | None = None
    upper: float | None = None
    patients: int


def patient_rows(samples: Sequence[Sample]) -> NDArray[np.intp]:
    """(N,) the number of each sample's patient, see `polyclinic.data.patients.patient_names`."""
    names = np.array(patient_names(samples), dtype=object).astype(str)
    return np.unique(names, return_inverse=True)[1].reshape(-1)


def patient_draws(patients: NDArray[np.intp], draws: int, seed: int = 0) -> Iterator[Values]:
    """(R, N) weights of cases when patients are drawn with replacement, some draws at a time.

    Args:
        patients: (N,) the number of each case's patient.
        draws: how many in all.
        seed: the same seed gives the same draws.
    """
    count = int(patients.max()) + 1
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(len(patients), 1))
    for first in range(0, draws, step):
        size = min(step, draws - first)
        yield random.multinomial(count, np.full(count, 1 / count), size)[:, patients].astype(float)


def patient_intervals(
    figures: Sequence[Weighted],
    patients: NDArray[np.intp],
    *,
    member: NDArray[np.bool_] | None = None,
    draws: Sequence[int] | None = None,
    level: float = 0.95,
    seed: int = 0,
) -> list[Interval]:
    """Intervals of several figures from the same draws of whole patients.

    The percentiles are those of Hesterberg's expanded interval, which is wider than the plain
    percentile interval by what Student's t and n - 1 in the variance account for; with many
    patients they are the same. n is the effective number of patients, since a few with many
    images make a mean as unsteady as fewer patients would.

    Args:
        figures: functions of weights.
        patients: (N,) the number of each case's patient.
        member: (N,) the cases that count; all unless given. Only their patients are drawn.
        draws: how many for each figure.
        level: coverage.
        seed: the same seed gives the same intervals.

    Source: Hesterberg, The American Statistician 2015; 69:371-386; drawing clusters as in
    Davison and Hinkley, "Bootstrap Methods and their Application", 1997, section 3.8; effective
    number after Carter, Schnepel and Steigerwald, Rev Econ Stat 2017; 99:698-709.
    """
    inside = np.ones(len(patients), bool) if member is None else member
    names, rows = np.unique(patients[inside], return_inverse=True)
    count = len(names)
    if count < 2:
        return [Interval(patients=count) for _ in figures]
    wanted = [DRAWS] * len(figures) if draws is None else list(draws)
    drawn = _drawn(figures, wanted, rows, inside, seed)
    tail = expanded_tail(effective_count(rows), level)
    return [_interval(values, tail, count) for values in drawn]


def _drawn(
    figures: Sequence[Weighted],
    wanted: Sequence[int],
    patients: NDArray[np.intp],
    inside: NDArray[np.bool_],
    seed: int,
) -> list[Values]:
    """Each figure as often as it is wanted; several at a time, for numpy leaves cores idle."""
    found: list[list[Values]] = [[] for _ in figures]
    done = 0
    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        for some in patient_draws(patients, max(wanted, default=0), seed):
            weights = some
            if not inside.all():
                weights = np.zeros((len(some), len(inside)))
                weights[:, inside] = some
            due = [place for place, most in enumerate(wanted) if most > done]
            asked = [weights[: wanted[place] - done] for place in due]
            values = workers.map(lambda place, some: figures[place](some), due, asked)
            for place, one in zip(due, values, strict=True):
                found[place].append(one)
            done += len(some)
    return [np.concatenate(values) for values in found]


def effective_count(patients: NDArray[np.intp]) -> float:
    """How many patients with equally many cases are worth as much as these (N,) of the cases.

    (sum of n)^2 / sum of n^2 for n cases a patient: all of them where n is the same.
    """
    cases = np.bincount(patients).astype(float)
    return float(cases.sum() ** 2 / (cases**2).sum())


def expanded_tail(count: float, level: float) -> float:
    """Share of draws beyond either end of the interval for a number of patients."""
    reach = t.ppf((1 + level) / 2, count - 1) * np.sqrt(count / (count - 1))
    return float(norm.cdf(-reach))


def _interval(values: Values, tail: float, count: int) -> Interval:
    finite = values[np.isfinite(values)]
    if len(finite) < max(1.0, ENOUGH * len(values)):
        return Interval(patients=count)
    lower, upper = np.quantile(finite, [tail, 1 - tail])
    return Interval(lower=known(lower), upper=known(upper), patients=count)
