"""Figures without one patient after another, and the intervals that follow.

Shape letters: N cases, K groups of patients.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.bootstrap import effective_count
from polyclinic.metrics.figure import Figure, Metric, Values, Weighted
from polyclinic.metrics.intervals import (
    WOODRUFF,
    Interval,
    LeftOut,
    difference_limits,
    effective_trials,
    limits,
    share_limits,
)
from polyclinic.metrics.pooled import divided
from polyclinic.metrics.ranked import Quantile

_AT_ONCE = 1_000_000
"""Weights held in memory at a time."""

_MOST_WORKERS = 4
"""Figures computed at a time, each with its own arrays."""

_OF_ONE = "no interval: it rests on one patient, without whom it can't be computed"

GROUPS = 200
"""Most groups of patients that are left out one after another."""


@dataclass(frozen=True, eq=False)
class Patients:
    """The patients of N cases, in groups that can be left out.

    Args:
        rows: (N,) the number of each case's patient.
        weights: (N,) 1 for a case that counts, else 0.
        groups: (N,) the group of each case, -1 for those that don't count.
        count: number of patients with a case that counts.
    """

    rows: NDArray[np.intp]
    weights: Values
    groups: NDArray[np.intp]
    count: int

    @classmethod
    def of(cls, rows: NDArray[np.intp], member: NDArray[np.bool_] | None = None) -> Patients:
        """A patient is a group; where there are more than `GROUPS`, as many groups of patients.

        They are drawn with a fixed seed, nearly as many patients in each.
        """
        inside = np.ones(len(rows), bool) if member is None else member
        groups = np.full(len(rows), -1, np.intp)
        of = np.unique(rows[inside], return_inverse=True)[1].reshape(-1)
        count = int(of.max(initial=-1)) + 1
        if count > GROUPS:
            of = np.random.default_rng(0).permutation(count)[of] % GROUPS
        groups[inside] = of
        return cls(rows, inside.astype(float), groups, count)


def patient_intervals(
    figures: Sequence[Figure],
    patients: NDArray[np.intp],
    *,
    member: NDArray[np.bool_] | None = None,
    level: float = 0.95,
) -> list[Interval]:
    """Intervals of several figures over whole patients.

    Args:
        figures: of N cases.
        patients: (N,) the number of each case's patient.
        member: (N,) the cases that count; all unless given.
        level: coverage.
    """
    of = Patients.of(patients, member)
    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        return list(workers.map(lambda one: _estimated(one, of, level).interval, figures))


def patient_metrics(
    figures: Sequence[Figure],
    patients: NDArray[np.intp],
    *,
    member: NDArray[np.bool_] | None = None,
) -> list[Metric]:
    """Figures with their 95 % intervals, see `patient_intervals`."""
    weights = np.ones(len(patients)) if member is None else member.astype(float)
    return [
        figure.metric(weights, one.lower, one.upper, method=one.method, why=one.why)
        for figure, one in zip(
            figures, patient_intervals(figures, patients, member=member), strict=True
        )
    ]


def difference_intervals(
    pairs: Sequence[tuple[Figure, Figure]], patients: NDArray[np.intp], *, level: float = 0.95
) -> list[Interval]:
    """Intervals of second - first, both over the same patients.

    Where the best value is 0 from either side, the difference is that of sizes.

    Args:
        pairs: one figure of two readers, on the same N cases.
        patients: (N,) the number of each case's patient.
        level: coverage.
    """
    of = Patients.of(patients)
    with ThreadPoolExecutor(min(_MOST_WORKERS, os.cpu_count() or 1)) as workers:
        return list(workers.map(lambda pair: _difference(pair[0], pair[1], of, level), pairs))


@dataclass(frozen=True, eq=False)
class _Estimate:
    """A figure with its interval and what each group of patients pulls it up by."""

    value: float
    interval: Interval
    pulls: Values

    def taken_from(self, other: _Estimate) -> _Estimate:
        """The other less this one."""
        if len(self.pulls) != len(other.pulls):  # one of them has no interval
            why = self.interval.why or other.interval.why
            none = Interval(patients=self.interval.patients, why=why)
            return _Estimate(other.value - self.value, none, np.zeros(0))
        size = np.sqrt((self.pulls**2).sum() * (other.pulls**2).sum())
        together = float(np.clip((self.pulls @ other.pulls) / size, -1, 1)) if size > 0 else 0.0
        found = difference_limits(
            (self.value, self.interval), (other.value, other.interval), together
        )
        return _Estimate(other.value - self.value, found, other.pulls - self.pulls)

    def negative(self) -> _Estimate:
        """The same of the figure with the other sign."""
        low, high = self.interval.lower, self.interval.upper
        if low is None or high is None:
            return self
        turned = replace(self.interval, lower=-high, upper=-low)
        return _Estimate(-self.value, turned, -self.pulls)

    def root(self, value: float) -> _Estimate:
        """The same of the root, which is 0 where this one is below."""
        low, high = self.interval.lower, self.interval.upper
        if low is None or high is None:
            return _Estimate(value, self.interval, self.pulls)
        ends = {"lower": max(low, 0.0) ** 0.5, "upper": max(high, 0.0) ** 0.5}
        return _Estimate(value, replace(self.interval, **ends), self.pulls)

    def size(self) -> _Estimate:
        """The same of the figure's size, whatever its sign."""
        upward = self if self.value >= 0 else self.negative()
        low, high = upward.interval.lower, upward.interval.upper
        if low is None or high is None or low >= 0:
            return upward
        across = replace(upward.interval, lower=0.0, upper=max(-low, high))
        return _Estimate(upward.value, across, upward.pulls)


def _difference(first: Figure, second: Figure, of: Patients, level: float) -> Interval:
    a, b = (_estimated(one, of, level) for one in (first, second))
    if first.better == "zero":
        a, b = a.size(), b.size()
    return a.taken_from(b).interval


def _estimated(figure: Figure, of: Patients, level: float) -> _Estimate:
    value = float(figure.weighted(of.weights[None])[0])
    none = np.zeros(0)
    if not np.isfinite(value):
        return _Estimate(value, Interval(patients=of.count), none)
    if of.count < 2:
        why = "no interval: all images are of one patient"
        return _Estimate(value, Interval(patients=of.count, why=why), none)
    if figure.unbounded:
        why = f"no interval: {figure.unbounded}"
        return _Estimate(value, Interval(patients=of.count, why=why), none)
    if figure.square is not None:
        return _estimated(figure.square, of, level).root(value)
    if figure.parts:
        parts = (_estimated(part, of, level) for part in figure.parts)
        return reduce(lambda one, other: one.negative().taken_from(other), parts)
    if figure.quantile is not None:
        return _quantile(figure, figure.quantile, value, of, level)
    left = _left_out(figure, figure.weighted, value, of)
    if not np.isfinite(left.without).all():
        return _Estimate(value, Interval(patients=left.patients, why=_OF_ONE), none)
    return _Estimate(value, limits(left, figure.own_scale, level), left.pulls)


def _quantile(
    figure: Figure, quantile: Quantile, value: float, of: Patients, level: float
) -> _Estimate:
    """The quantiles at both limits of the share of values that lie below this one.

    Source: Woodruff, JASA 1952; 47:635-646, with Korn and Graubard's limits of the share.
    """
    share, held, below = quantile.share, quantile.objects.counts, quantile.objects.up_to(value)
    left = _left_out(figure, lambda w: divided(w @ below, w @ held), share, of)
    if not np.isfinite(left.without).all():
        return _Estimate(value, Interval(patients=left.patients, why=_OF_ONE), np.zeros(0))
    trials = effective_trials(left, level)
    needed = np.log((1 - level) / 2) / np.log(max(share, 1 - share))
    if min(left.effective, left.objects) < needed:
        why = (
            f"no interval: the value that {100 * share:g} % stay below is bounded by "
            f"{np.ceil(needed):.0f} patients or more; these are worth {left.effective:.0f}"
        )
        return _Estimate(value, Interval(patients=left.patients, why=why), np.zeros(0))
    lower, upper = (
        float(quantile.objects.quantiles(of.weights[None], end)[0])
        for end in share_limits(share, trials, level)
    )
    found = Interval(lower=lower, upper=upper, patients=left.patients, method=WOODRUFF)
    return _Estimate(value, found, -left.pulls)


def _left_out(figure: Figure, weighted: Weighted, value: float, of: Patients) -> LeftOut:
    number = int(of.groups.max()) + 1
    step = max(1, _AT_ONCE // max(len(of.weights), 1))
    parts = []
    for first in range(0, number, step):
        out = np.arange(first, min(first + step, number))[:, None] == of.groups
        parts.append(weighted(np.where(out, 0.0, of.weights)))
    kinds = figure.objects(of.weights)
    return LeftOut(
        value=value,
        without=np.concatenate(parts),
        patients=of.count,
        effective=min(effective_count(of.rows, one) for one in kinds),
        objects=float(kinds.sum(1).min()) if figure.whole else np.inf,
    )
