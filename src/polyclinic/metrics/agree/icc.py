"""Intraclass correlation of K ratings of each object, from mean squares.

Shape letters: N cases, R sets of weights, M objects, K raters.

Sources: Shrout and Fleiss, Psychological Bulletin 1979; 86:420-428; McGraw and Wong,
Psychological Methods 1996; 1:30-46. Formulas and intervals are those of single ratings.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import f as f_distribution

from polyclinic.errors import DataError
from polyclinic.metrics.agree.sums import case_sums, rest
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


@dataclass(frozen=True, eq=False, kw_only=True)
class MeanSquares:
    """(R,) mean squares of a two-way table; NaN where there are less than two objects.

    Args:
        n: objects, as the weights count them.
        k: raters.
        between: of objects (BMS).
        within: of ratings about their object (WMS).
        raters: of raters (JMS).
        error: of what objects and raters leave (EMS).
    """

    n: Values
    k: int
    between: Values
    within: Values
    raters: Values
    error: Values


@dataclass(frozen=True, eq=False, kw_only=True)
class RatingSums:
    """What each object, or each case with its objects, adds to the sums of squares.

    Args:
        terms: (M, 4 + K) or (N, 4 + K).
    """

    terms: Values

    @classmethod
    def of(cls, ratings: ArrayLike) -> RatingSums:
        """(M, K) ratings without NaN.

        Raises:
            DataError: there are less than two raters.
        """
        table = np.asarray(ratings, float)
        if table.ndim != 2 or table.shape[1] < 2:
            raise DataError(
                f"ratings have shape {table.shape}",
                expected="(objects, raters), two raters or more",
            )
        means = table.mean(1)
        about = table - means[:, None]
        centred = means - (means.mean() if len(means) else 0.0)
        own = [np.ones_like(means), centred, centred**2, (about**2).sum(1)]
        return cls(terms=np.column_stack([*own, about]))

    def in_cases(self, rows: NDArray[np.intp], cases: int) -> RatingSums:
        """The same with one row a case; (M,) rows are the case of each object."""
        return RatingSums(terms=case_sums(self.terms, rows, cases))

    def mean_squares(self, weights: Values) -> MeanSquares:
        """Mean squares for (R, M) weights of objects, or (R, N) of cases after `in_cases`."""
        sums = weights @ self.terms
        n, first, second, within = sums[:, :4].T
        shifts = sums[:, 4:]
        k = shifts.shape[1]
        between = k * rest(second, divided(first**2, n))
        raters = divided((shifts**2).sum(1), n)
        free = np.maximum(n - 1, 0)
        return MeanSquares(
            n=n,
            k=k,
            between=divided(between, free),
            within=divided(within, n * (k - 1) * (free > 0)),
            raters=raters / (k - 1),
            error=divided(rest(within, raters), free * (k - 1)),
        )


def mean_squares(ratings: ArrayLike, weights: Values) -> MeanSquares:
    """Mean squares of (M, K) ratings without NaN for (R, M) weights."""
    return RatingSums.of(ratings).mean_squares(weights)


def icc_one_way(of: MeanSquares) -> Values:
    """(R,) ICC(1,1): each object was rated by other raters."""
    return divided(of.between - of.within, of.between + (of.k - 1) * of.within)


def icc_agreement(of: MeanSquares) -> Values:
    """(R,) ICC(2,1): absolute agreement of raters drawn from many.

    NaN where ratings differ by a shift between raters alone.
    """
    shared = of.between + (of.k - 1) * of.error
    whole = shared + divided(of.k * (of.raters - of.error), of.n)
    return divided(of.between - of.error, np.where(shared > 0, whole, 0))


def icc_consistency(of: MeanSquares) -> Values:
    """(R,) ICC(3,1): agreement of these very raters but for a shift of each."""
    return divided(of.between - of.error, of.between + (of.k - 1) * of.error)


def icc_one_way_interval(of: MeanSquares, level: float = 0.95) -> tuple[Values, Values]:
    """(R,) and (R,) interval of ICC(1,1) for independent objects."""
    return _ratio_interval(divided(of.between, of.within), of, of.n * (of.k - 1), level)


def icc_consistency_interval(of: MeanSquares, level: float = 0.95) -> tuple[Values, Values]:
    """(R,) and (R,) interval of ICC(3,1) for independent objects."""
    return _ratio_interval(divided(of.between, of.error), of, (of.n - 1) * (of.k - 1), level)


def icc_agreement_interval(of: MeanSquares, level: float = 0.95) -> tuple[Values, Values]:
    """(R,) and (R,) interval of ICC(2,1) for independent objects; Satterthwaite's degrees.

    Source: McGraw and Wong 1996, table 7, case 2A.
    """
    n, k = of.n, of.k
    share = divided(of.between - of.error, of.raters + (n - 1) * of.error)
    by_raters = share * of.raters
    by_error = (1 + (n - 1) * share) * of.error
    # by_raters + by_error, the numerator of the degrees of freedom, is BMS
    degrees = divided(
        of.between**2,
        by_raters**2 / (k - 1) + divided(by_error**2, (n - 1) * (k - 1)),
    )
    tail = (1 + level) / 2
    one = np.ones_like(n)
    high = divided(one, _quantile(tail, n - 1, degrees))
    low = divided(one, _quantile(tail, degrees, n - 1))
    left = k * of.raters + (k * n - k - n) * of.error
    lower = divided(n * (high * of.between - of.error), left + n * high * of.between)
    upper = divided(n * (of.between - low * of.error), low * left + n * of.between)
    return lower, upper


def _ratio_interval(
    ratio: Values, of: MeanSquares, degrees: Values, level: float
) -> tuple[Values, Values]:
    """Interval of (F - 1) / (F + k - 1) for a ratio F of mean squares."""
    tail = (1 + level) / 2
    low = divided(ratio, _quantile(tail, of.n - 1, degrees))
    high = ratio * _quantile(tail, degrees, of.n - 1)
    return divided(low - 1, low + of.k - 1), divided(high - 1, high + of.k - 1)


def _quantile(share: float, above: Values, below: Values) -> Values:
    """(R,) quantile of the F distribution with (R,) and (R,) degrees of freedom."""
    return np.asarray(f_distribution.ppf(share, above, below), float)
