"""What refusing the most doubtful measurements would buy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.metrics.figure import Figure, Values, Weighted
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.pooled import mean_figure


@dataclass(frozen=True, eq=False, kw_only=True)
class RiskCurve:
    """Error of what is kept when the most doubtful measurements are refused first.

    Args:
        kept: (M,) share kept, ascending to 1.
        error: (M,) mean absolute error of that share; where doubts are equal, its expectation
            when they are refused in random order.
        best: (M,) the same if the largest errors were refused first.
        area: mean of `error`: area under the curve (AURC).
        area_random: what refusing at random gives: the mean error of all.
        area_best: mean of `best`.
    """

    kept: Values
    error: Values
    best: Values
    area: float
    area_random: float
    area_best: float


def risk_curve(error: ArrayLike, doubt: ArrayLike) -> RiskCurve | None:
    """Risk-coverage curve of M measurements; None without any.

    Args:
        error: (M,) absolute errors.
        doubt: (M,) 0 (sure) to 1; pairs with NaN on either side are left out.

    Source: Geifman and El-Yaniv, "Selective classification for deep neural networks", NeurIPS
    2017; area as in Geifman, Uziel and El-Yaniv, ICLR 2019.
    """
    left, right = np.asarray(error, float), np.asarray(doubt, float)
    both = np.isfinite(left) & np.isfinite(right)
    left, right = left[both], right[both]
    if not len(left):
        return None
    curve, best = _kept_error(left, right), _kept_error(left, left)
    return RiskCurve(
        kept=np.arange(1, len(left) + 1) / len(left),
        error=curve,
        best=best,
        area=float(curve.mean()),
        area_random=float(left.mean()),
        area_best=float(best.mean()),
    )


def risk_figures(name: str, pairs: MeasuredPairs, cases: int) -> list[Figure]:
    """Area under the risk-coverage curve, and that of the best order there could be.

    Args:
        name: first word of the figures' names.
        pairs: those without a value or a doubt are left out.
        cases: N.
    """
    error = pairs.error
    both = np.isfinite(error) & np.isfinite(pairs.doubt)
    error, doubt, rows = error[both], pairs.doubt[both], pairs.rows[both]
    mean = mean_figure(name, error, rows, cases)
    known: dict[str, Any] = {
        "unit": pairs.unit,
        "group": "refusal",
        "better": "lower",
        "baseline": mean.weighted,
        "counts": mean.counts,
    }
    return [
        Figure(
            name=f"{name}_risk_area",
            weighted=_area(error, doubt, rows),
            meaning="mean error over all shares kept, the most doubtful refused first; "
            "baseline: refused at random",
            **known,
        ),
        Figure(
            name=f"{name}_risk_area_best",
            weighted=_area(error, error, rows),
            meaning="the same if the largest errors were refused first: the least there could be",
            **known,
        ),
    ]


def _kept_error(error: Values, doubt: Values) -> Values:
    """(M,) mean error of the k surest; equal doubts count with their mean."""
    order = np.argsort(doubt, kind="stable")
    tied = np.unique(doubt[order], return_inverse=True)[1]
    sums = np.bincount(tied, error[order])
    expected = (sums / np.bincount(tied))[tied]
    return np.asarray(np.cumsum(expected) / np.arange(1, len(error) + 1))


def _area(error: Values, doubt: Values, rows: NDArray[np.intp]) -> Weighted:
    """(R, N) whole weights of cases to (R,) areas; row by row, which keeps the memory small.

    A block of b equal doubts with mean error m, behind n surer ones with error sum s, adds the
    sum over k = n + 1 ... n + b of (s + (k - n) m) / k = b m + (s - n m) (H(n + b) - H(n)).
    """
    order = np.argsort(doubt, kind="stable")
    ranked, home = error[order], rows[order]
    starts = np.unique(doubt[order], return_index=True)[1]

    def weighted(weights: Values) -> Values:
        most = int(weights.max(initial=0) * len(ranked))
        harmonic = np.concatenate([[0.0], np.cumsum(1 / np.arange(1, most + 1))])
        return np.array([_area_of(row[home], ranked, starts, harmonic) for row in weights], float)

    return weighted


def _area_of(weights: Values, ranked: Values, starts: NDArray[np.intp], harmonic: Values) -> float:
    """The area for (M,) whole weights of errors in order of their doubt.

    Args:
        weights: how often each error counts.
        ranked: (M,) errors, the surest first.
        starts: where each run of equal doubts begins.
        harmonic: H(0), H(1) ... up to the sum of the weights.
    """
    if not weights.any():
        return np.nan
    size = np.add.reduceat(weights, starts)
    total = np.add.reduceat(weights * ranked, starts)
    reached = size.cumsum()
    before = reached - size
    mean = np.divide(total, size, out=np.zeros_like(total), where=size > 0)
    lag = total.cumsum() - total - before * mean
    steps = harmonic[reached.astype(np.intp)] - harmonic[before.astype(np.intp)]
    return float((total + lag * steps).sum() / reached[-1])
