"""Bland-Altman's limits of agreement with their intervals, for independent pairs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import nct, t

from polyclinic.metrics.agree.differences import REACH, bias, deviation
from polyclinic.metrics.agree.sums import moments, whole_pairs
from polyclinic.metrics.figure import known


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """A value with its interval; None where the number of pairs does not allow it."""

    value: float | None
    lower: float | None
    upper: float | None


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Limits of agreement in the unit of the values.

    Args:
        n: pairs with both values.
        bias: mean of found - true.
        lower, upper: bias -+ 1.96 standard deviations (n - 1).
    """

    n: int
    bias: Estimate
    lower: Estimate
    upper: Estimate


def limits_of_agreement(found: ArrayLike, true: ArrayLike, level: float = 0.95) -> Limits:
    """Limits of (N,) found against (N,) true values; pairs with a NaN are left out.

    The intervals take pairs as independent and differences as normal. That of the bias is
    Student's. Those of the limits, each taken alone, are exact: a normal sample's mean + z SD has
    a noncentral t distribution. They are not symmetric, and for few pairs much wider outwards
    than Bland and Altman's approximation, the root of 3 SD^2 / n. Where patients gave several
    pairs, leave out patients instead (`polyclinic.metrics.agree.figures`).

    Sources: Bland and Altman, Lancet 1986; 327:307-310; Carkeet, Optometry and Vision Science
    2015; 92:e71-e80.

    Raises:
        DataError: the two are not of the same length.
    """
    left, right, _ = whole_pairs(found, true, np.zeros(np.shape(np.asarray(found)), int))
    of = moments(left, right, np.ones((1, len(left))))
    n, middle, spread = len(left), float(bias(of)[0]), float(deviation(of)[0])
    tails = np.array([(1 - level) / 2, (1 + level) / 2])
    mean_reach, limit_reach = np.full(2, np.nan), np.full(2, np.nan)
    if n > 1:
        mean_reach = t.ppf(tails, n - 1) / np.sqrt(n)
        limit_reach = nct.ppf(tails, n - 1, REACH * np.sqrt(n)) / np.sqrt(n)

    def estimate(value: float, reach: ArrayLike) -> Estimate:
        low, high = middle + spread * np.asarray(reach)
        return Estimate(value=known(value), lower=known(low), upper=known(high))

    return Limits(
        n=n,
        bias=estimate(middle, mean_reach),
        lower=estimate(middle - REACH * spread, -limit_reach[::-1]),
        upper=estimate(middle + REACH * spread, limit_reach),
    )
