"""Sums over pairs of found and true values, which most figures of agreement are made of.

Shape letters: N cases, R sets of weights, M objects.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import divided

_ROUNDING = 1e-12
"""What two sums differ by, below this share of them, is rounding, so 0."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Moments:
    """(R,) weighted moments of pairs; variances and covariance have the divisor n.

    NaN where the weights sum to 0.

    Args:
        n: sum of the weights, i.e. how many pairs count.
        found, true: means.
        found_variance, true_variance, covariance: of the two sides.
        bias: mean difference, found - true.
        absolute, squared: mean absolute and mean squared difference.
        spread: variance of the differences.
    """

    n: Values
    found: Values
    true: Values
    found_variance: Values
    true_variance: Values
    covariance: Values
    bias: Values
    absolute: Values
    squared: Values
    spread: Values


@dataclass(frozen=True, eq=False, kw_only=True)
class PairSums:
    """What each pair, or each case with its pairs, adds to the sums.

    Args:
        terms: (M, 9) or (N, 9).
        centre: what was taken off both sides, so that squares stay small.
    """

    terms: Values
    centre: float

    @classmethod
    def of(cls, found: ArrayLike, true: ArrayLike) -> PairSums:
        """(M,) found and true values without NaN; see `whole_pairs`."""
        left, right = np.asarray(found, float), np.asarray(true, float)
        centre = float(right.mean()) if len(right) else 0.0
        f, t, d = left - centre, right - centre, left - right
        terms = np.stack([np.ones_like(d), f, t, f * f, t * t, f * t, d, np.abs(d), d * d], 1)
        return cls(terms=terms, centre=centre)

    def in_cases(self, rows: NDArray[np.intp], cases: int) -> PairSums:
        """The same with one row a case; (M,) rows are the case of each pair."""
        return PairSums(terms=case_sums(self.terms, rows, cases), centre=self.centre)

    def moments(self, weights: Values) -> Moments:
        """Moments for (R, M) weights of pairs, or (R, N) of cases after `in_cases`."""
        sums = weights @ self.terms
        n = sums[:, 0]
        f, t, ff, tt, ft, d, absolute, dd = divided(sums[:, 1:], n[:, None].repeat(8, 1)).T
        return Moments(
            n=n,
            found=f + self.centre,
            true=t + self.centre,
            found_variance=rest(ff, f * f),
            true_variance=rest(tt, t * t),
            covariance=_shared(ft - f * t, np.sqrt(ff * tt)),
            bias=d,
            absolute=absolute,
            squared=dd,
            spread=rest(dd, d * d),
        )


def moments(found: ArrayLike, true: ArrayLike, weights: Values) -> Moments:
    """Moments of (M,) found and true values without NaN for (R, M) weights."""
    return PairSums.of(found, true).moments(weights)


def moment_figure(
    name: str, sums: PairSums, statistic: Callable[[Moments], Values], **known: Any
) -> Figure:
    """A figure that is a function of moments.

    Args:
        name: of the figure.
        sums: one row a case.
        statistic: moments to (R,).
        known: further fields of `Figure`.
    """

    def weighted(weights: Values) -> Values:
        return statistic(sums.moments(weights))

    return Figure(name=name, weighted=weighted, **{"counts": sums.terms[:, 0], **known})


def whole_pairs(
    found: ArrayLike, true: ArrayLike, rows: ArrayLike
) -> tuple[Values, Values, NDArray[np.intp]]:
    """The (M,) pairs that are numbers on both sides, and their cases.

    Raises:
        DataError: the three are not of the same length.
    """
    left, right = np.asarray(found, float), np.asarray(true, float)
    of = np.asarray(rows, np.intp)
    if left.ndim != 1 or not left.shape == right.shape == of.shape:
        raise DataError(
            f"found values have shape {left.shape}, true ones {right.shape}, cases {of.shape}",
            expected="three lists of the same length",
        )
    both = np.isfinite(left) & np.isfinite(right)
    return left[both], right[both], of[both]


def case_sums(terms: Values, rows: NDArray[np.intp], cases: int) -> Values:
    """(M, C) terms of objects summed to (N, C) of cases."""
    summed = np.zeros((cases, terms.shape[1]))
    np.add.at(summed, rows, terms)
    return summed


def rest(whole: Values, part: Values) -> Values:
    """Difference of two sums of squares, 0 where it is no more than rounding."""
    left = whole - part
    return np.where(left <= _ROUNDING * whole, 0.0, left)


def _shared(covariance: Values, size: Values) -> Values:
    return np.where(np.abs(covariance) <= _ROUNDING * size, 0.0, covariance)
