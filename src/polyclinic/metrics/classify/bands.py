"""Bands around curves: where the curve of other patients may run.

Each band is pointwise: at any one place of the grid it covers as the interval of a figure does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.bootstrap import effective_count
from polyclinic.metrics.classify.calibration import BINS, bin_of
from polyclinic.metrics.classify.curves import pr_points, roc_points
from polyclinic.metrics.figure import Values
from polyclinic.metrics.intervals import LeftOut, limits
from polyclinic.metrics.jackknife import Patients, patient_intervals
from polyclinic.metrics.pooled import ratio_figure

GRID = np.linspace(0, 1, 101)

Drawn = Callable[[Values], Values]
"""(M,) weights to the curve's height at the G places of a grid; NaN where it has none."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Band:
    """Lower and upper edge of a curve.

    Args:
        grid: (G,) where it was looked at: false positive rate, recall, or middle of a bin.
        lower: (G,); NaN where no interval can be stated.
        upper: (G,).
    """

    grid: Values
    lower: Values
    upper: Values


def roc_band(
    scores: Values,
    positive: NDArray[np.bool_],
    patients: NDArray[np.intp],
    *,
    level: float = 0.95,
) -> Band:
    """Sensitivity on a grid of false positive rates, along straight lines between points.

    Args:
        scores: (M,).
        positive: (M,).
        patients: (M,) the number of each object's patient.
        level: coverage at each place.
    """
    scores, positive, patients = _surest_first(scores, positive, patients)

    def drawn(weights: Values) -> Values:
        curve = roc_points(scores, positive, weights)
        return np.interp(GRID, curve.x, curve.y) if curve.exists else np.full(len(GRID), np.nan)

    return share_band(drawn, GRID, patients, _both(positive), level)


def _surest_first(
    scores: Values, positive: NDArray[np.bool_], patients: NDArray[np.intp]
) -> tuple[Values, NDArray[np.bool_], NDArray[np.intp]]:
    """What is in order is sorted again in no time, at each draw."""
    order = np.argsort(-scores, kind="stable")
    return scores[order], positive[order], patients[order]


def pr_band(
    scores: Values,
    positive: NDArray[np.bool_],
    patients: NDArray[np.intp],
    *,
    level: float = 0.95,
) -> Band:
    """Precision on a grid of recalls, as steps: that of the first threshold to reach a recall.

    Args:
        scores: (M,).
        positive: (M,).
        patients: (M,) the number of each object's patient.
        level: coverage at each place.
    """
    scores, positive, patients = _surest_first(scores, positive, patients)

    def drawn(weights: Values) -> Values:
        curve = pr_points(scores, positive, weights)
        if not curve.exists:
            return np.full(len(GRID), np.nan)
        return curve.y[1:][np.searchsorted(curve.x[1:], GRID, side="left")]

    return share_band(drawn, GRID, patients, positive.astype(float)[None], level)


def reliability_band(
    confidence: Values,
    happened: NDArray[np.bool_],
    patients: NDArray[np.intp],
    *,
    bins: int = BINS,
    level: float = 0.95,
) -> Band:
    """Frequency in each bin of confidence; an empty or nearly empty bin has no band.

    Args:
        confidence: (M,).
        happened: (M,).
        patients: (M,) the number of each object's patient.
        bins: of equal width.
        level: coverage at each place.
    """
    held = bin_of(np.nan_to_num(confidence), bins)[:, None] == np.arange(bins)
    held &= ~np.isnan(confidence)[:, None]
    shares = [ratio_figure("", one & happened, one, better="higher") for one in held.T]
    found = patient_intervals(shares, patients, level=level)
    return Band(
        grid=(np.arange(bins) + 0.5) / bins,
        lower=np.array([one.lower for one in found], float),
        upper=np.array([one.upper for one in found], float),
    )


def share_band(
    drawn: Drawn, grid: Values, patients: NDArray[np.intp], kinds: Values, level: float = 0.95
) -> Band:
    """The interval of a share at every place of the grid, see `intervals.limits`.

    Args:
        drawn: the curve.
        grid: (G,).
        patients: (M,) the number of each object's patient.
        kinds: (U, M) objects that the curve needs, kind by kind.
        level: coverage at each place.
    """
    edges = np.full((2, len(grid)), np.nan)
    of = Patients.of(patients)
    if of.count > 1:
        left = [drawn((of.groups != group).astype(float)) for group in range(of.groups.max() + 1)]
        curve, without = drawn(of.weights), np.array(left)
        effective = min(effective_count(patients, kind) for kind in kinds)
        for place in np.flatnonzero(np.isfinite(without).all(0)):
            one = LeftOut(
                value=float(curve[place]),
                without=without[:, place],
                patients=of.count,
                effective=effective,
                objects=np.inf,
            )
            found = limits(one, "share", level)
            edges[:, place] = np.array([found.lower, found.upper], float)
    return Band(grid=grid, lower=edges[0], upper=edges[1])


def _both(positive: NDArray[np.bool_]) -> Values:
    return np.stack([positive, ~positive]).astype(float)
