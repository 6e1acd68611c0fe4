"""DeLong's interval of an AUC and his test of two AUCs on the same objects.

Every object counts as independent: where patients have several images, the intervals come out
too narrow and the interval over patients is the one to go by.

Source: DeLong et al., Biometrics 1988; 44:837-845; computed from midranks as in Sun and Xu,
IEEE Signal Processing Letters 2014; 21:1389-1393, equations 8 to 14.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import norm, rankdata

from polyclinic.metrics.figure import Values


@dataclass(frozen=True, kw_only=True)
class DeLong:
    """An AUC, or a difference of two, with its interval.

    Args:
        value: None without positives or negatives, or where a score is unknown.
        variance: of the value; None with fewer than two positives or negatives.
        lower, upper: value -+ z standard errors, inside the range that the value can have; None
            where the variance is 0: classes that do not overlap say nothing of their spread.
        p: two-sided, of no difference (AUC: of 0.5); None where there is no interval.
    """

    value: float | None = None
    variance: float | None = None
    lower: float | None = None
    upper: float | None = None
    p: float | None = None


def delong_interval(scores: ArrayLike, positive: ArrayLike, *, level: float = 0.95) -> DeLong:
    """AUC of (M,) scores with its interval.

    Args:
        scores: (M,) higher means more likely positive; ties count half.
        positive: (M,) what was annotated.
        level: coverage.
    """
    found = _areas(np.asarray(scores, float)[None], np.asarray(positive, bool))
    if found is None:
        return DeLong()
    areas, covariance = found
    variance = None if covariance is None else float(covariance[0, 0])
    return _judged(float(areas[0]), variance, level, null=0.5, least=0.0)


def delong_test(
    first: ArrayLike, second: ArrayLike, positive: ArrayLike, *, level: float = 0.95
) -> DeLong:
    """AUC of the first scores less that of the second ones, on the same objects.

    Args:
        first: (M,).
        second: (M,).
        positive: (M,).
        level: coverage.
    """
    both = np.stack([np.asarray(first, float), np.asarray(second, float)])
    found = _areas(both, np.asarray(positive, bool))
    if found is None:
        return DeLong()
    areas, covariance = found
    contrast = np.array([1.0, -1.0])
    variance = None if covariance is None else float(contrast @ covariance @ contrast)
    return _judged(float(contrast @ areas), variance, level, null=0.0, least=-1.0)


def _areas(scores: Values, positive: NDArray[np.bool_]) -> tuple[Values, Values | None] | None:
    """(S,) AUCs of (S, M) scores and their (S, S) covariance."""
    ones, zeros = scores[:, positive], scores[:, ~positive]
    above, below = ones.shape[1], zeros.shape[1]
    if not above or not below or np.isnan(scores).any():
        return None
    rank = rankdata(scores, axis=1)
    of_ones = (rank[:, positive] - rankdata(ones, axis=1)) / below
    of_zeros = 1 - (rank[:, ~positive] - rankdata(zeros, axis=1)) / above
    areas = of_ones.mean(1)
    if above < 2 or below < 2:
        return areas, None
    return areas, np.atleast_2d(np.cov(of_ones) / above + np.cov(of_zeros) / below)


_ROUNDING = 1e-15
"""A variance below this is what rounding leaves of 0."""


def _judged(
    value: float, variance: float | None, level: float, *, null: float, least: float
) -> DeLong:
    if variance is None or variance < _ROUNDING:
        return DeLong(value=value, variance=variance and 0.0)
    error = np.sqrt(variance)
    reach = norm.ppf((1 + level) / 2) * error
    return DeLong(
        value=value,
        variance=variance,
        lower=float(max(least, value - reach)),
        upper=float(min(1.0, value + reach)),
        p=float(2 * norm.sf(abs(value - null) / error)),
    )
