"""How far a figure may lie from the truth, from what leaving out patients does to it.

Shape letters: K groups of patients that are left out one after another.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import betaincinv, ndtri, stdtrit

from polyclinic.metrics.figure import Scale, Values, known

BETA = "beta on effective patients"
EXACT = "exact binomial on effective patients"
LOG = "jackknife t on log scale"
FISHER = "jackknife t on Fisher z"
PLAIN = "jackknife t"
WOODRUFF = "Woodruff, beta on effective patients"
MOVER = "MOVER of both intervals"

_Moved = Callable[[Any], Any]
"""A number or an array onto another scale."""

_ROUNDING = 1e-12
"""A standard error below this share of its figure is what rounding leaves of 0."""


@dataclass(frozen=True, kw_only=True)
class Interval:
    """An interval, or None on both sides where no method holds.

    Args:
        lower, upper: both or neither.
        patients: number of patients.
        method: how it was made; empty where there is none.
        why: why there is none; empty where there is one.
    """

    lower: float | None = None
    upper: float | None = None
    patients: int
    method: str = ""
    why: str = ""


@dataclass(frozen=True, eq=False, kw_only=True)
class LeftOut:
    """A figure of all patients and of all but one group of them.

    Args:
        value: of all.
        without: (K,) without each group.
        patients: number of patients.
        effective: how many patients with equally many objects they are worth.
        objects: how many yes or no answers it counts; infinite where it is no count of answers.
    """

    value: float
    without: Values
    patients: int
    effective: float
    objects: float

    @property
    def pulls(self) -> Values:
        """(K,) how far each group pulls the figure up."""
        return np.asarray(self.without.mean() - self.without)

    @property
    def error(self) -> float:
        """Standard error: that of the jackknife over patients; 0 where nothing moves."""
        groups = len(self.without)
        error = float(np.sqrt((groups - 1) / groups * (self.pulls**2).sum()))
        return error if error > _ROUNDING * max(abs(self.value), 1e-3) else 0.0

    @property
    def freedom(self) -> float:
        """Degrees of freedom of the standard error, at least 1.

        Variances of long-tailed pulls are known less well: Var(s2) = s4 (2 / (n - 1) + k / n)
        for an excess kurtosis k, which is matched by a chi-square distribution (Satterthwaite,
        Biometrics Bulletin 1946; 2:110-114). n is the effective number of patients (Carter,
        Schnepel and Steigerwald, Rev Econ Stat 2017; 99:698-709), at most that of groups.
        """
        count = max(min(self.effective, float(len(self.pulls))), 1 + 1e-9)
        tail = max(_excess_kurtosis(self.pulls), 0.0)
        return max(1.0, 2 / (2 / (count - 1) + tail / count))


def limits(of: LeftOut, scale: Scale, level: float) -> Interval:
    """The interval of a figure on the scale on which it is nearest to normal.

    Source: Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, sections 11 and 12.5,
    for the jackknife and for intervals on a transformed scale; see `share_limits` for shares.

    Args:
        of: the figure, without each group of patients.
        scale: see `Figure`.
        level: coverage.
    """
    every = np.append(of.without, of.value)
    if scale == "share" and every.min() >= 0 and every.max() <= 1:
        trials = effective_trials(of, level)
        if np.isfinite(trials):
            lower, upper = share_limits(of.value, trials, level)
            return _stated(lower, upper, of.patients, EXACT if of.value in (0, 1) else BETA)
    if of.error == 0:
        return Interval(
            patients=of.patients,
            why="no interval: it is the same whichever patient is left out",
        )
    if scale == "correlation" and np.abs(every).max() < 1:
        return _on_scale(of, np.arctanh, np.tanh, level, FISHER)
    if scale != "real" and every.min() > 0:
        return _on_scale(of, np.log, np.exp, level, LOG)
    if scale != "real" and every.max() < 0:
        return _on_scale(of, lambda x: -np.log(-x), lambda x: -np.exp(-x), level, LOG)
    return _on_scale(of, np.asarray, np.asarray, level, PLAIN)


def effective_trials(of: LeftOut, level: float) -> float:
    """How many independent yes or no answers would leave a share as uncertain as it is.

    n = p (1 - p) / SE2, times (z / t)2 for the few degrees of freedom of SE; never fewer than
    patients (wholly alike within a patient) and never more than objects (independent). Nothing
    but that lower bound is known at 0 and 1.

    Source: Korn and Graubard, Survey Methodology 1998; 24:193-201, section 2.
    """
    fewest = min(of.effective, of.objects)
    if of.value in (0, 1):
        return fewest
    if of.error == 0:
        return of.objects
    tail = (1 + level) / 2
    count = of.value * (1 - of.value) / of.error**2
    count *= float(ndtri(tail) / stdtrit(of.freedom, tail)) ** 2
    return float(np.clip(count, fewest, of.objects))


def share_limits(share: float, trials: float, level: float) -> tuple[float, float]:
    """Exact (Clopper and Pearson, Biometrika 1934; 26:404-413) limits of a share.

    Args:
        share: 0 to 1.
        trials: how many; need not be whole.
        level: coverage.
    """
    tail = (1 - level) / 2
    hits, misses = share * trials, (1 - share) * trials
    lower = betaincinv(hits, misses + 1, tail) if hits > 0 else 0.0
    upper = betaincinv(hits + 1, misses, 1 - tail) if misses > 0 else 1.0
    return float(lower), float(upper)


def difference_limits(
    first: tuple[float, Interval],
    second: tuple[float, Interval],
    correlation: float,
) -> Interval:
    """Interval of second - first from those of either, and how much they move together.

    It inherits their asymmetry, and holds where both are at 0 or 1 and the difference never
    moves.

    Args:
        first: figure and interval.
        second: the same of the other.
        correlation: of the two, over patients.

    Source: Zou and Donner, Statistics in Medicine 2008; 27:1693-1702, for dependent estimates;
    for paired shares it is Newcombe's method 10, Statistics in Medicine 1998; 17:2635-2650.
    """
    (a, of_a), (b, of_b) = first, second
    patients = of_a.patients
    if of_a.lower is None or of_a.upper is None:
        return Interval(patients=patients, why=of_a.why)
    if of_b.lower is None or of_b.upper is None:
        return Interval(patients=patients, why=of_b.why)

    def reach(one: float, other: float) -> float:
        return float(np.sqrt(max(one**2 + other**2 - 2 * correlation * one * other, 0.0)))

    down = reach(b - of_b.lower, of_a.upper - a)
    up = reach(of_b.upper - b, a - of_a.lower)
    return _stated(b - a - down, b - a + up, patients, MOVER)


def _excess_kurtosis(pulls: Values) -> float:
    """G2 of Joanes and Gill, The Statistician 1998; 47:183-189; 0 where nothing can be said."""
    n, squares = len(pulls), (pulls - pulls.mean()) ** 2
    if n < 4 or not squares.any():
        return 0.0
    plain = n * float((squares**2).sum() / squares.sum() ** 2) - 3
    return (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * plain + 6)


def _on_scale(of: LeftOut, there: _Moved, back: _Moved, level: float, method: str) -> Interval:
    moved = LeftOut(
        value=float(there(of.value)),
        without=there(of.without),
        patients=of.patients,
        effective=of.effective,
        objects=of.objects,
    )
    reach = float(stdtrit(moved.freedom, (1 + level) / 2)) * moved.error
    lower, upper = (float(back(moved.value + side * reach)) for side in (-1, 1))
    return _stated(lower, upper, of.patients, method)


def _stated(lower: float, upper: float, patients: int, method: str) -> Interval:
    if not np.isfinite([lower, upper]).all():
        return Interval(patients=patients, why="no interval: too few patients bound it")
    return Interval(lower=known(lower), upper=known(upper), patients=patients, method=method)
