"""Bands around curves: where the curve runs when other patients are drawn.

Each band is pointwise: at any one place of the grid it covers as the interval of a figure does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.bootstrap import (
    ENOUGH,
    effective_count,
    expanded_tail,
    patient_draws,
)
from polyclinic.metrics.classify.calibration import BINS, reliability_bins
from polyclinic.metrics.classify.curves import pr_points, roc_points
from polyclinic.metrics.figure import Values

GRID = np.linspace(0, 1, 101)
BAND_DRAWS = 500

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
    draws: int = BAND_DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> Band:
    """Sensitivity on a grid of false positive rates, along straight lines between points.

    Args:
        scores: (M,).
        positive: (M,).
        patients: (M,) the number of each object's patient.
        draws: of patients.
        level: coverage at each place.
        seed: the same seed gives the same band.
    """
    scores, positive, patients = _surest_first(scores, positive, patients)

    def drawn(weights: Values) -> Values:
        curve = roc_points(scores, positive, weights)
        return np.interp(GRID, curve.x, curve.y) if curve.exists else np.full(len(GRID), np.nan)

    return drawn_band(drawn, GRID, patients, draws, level, seed)


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
    draws: int = BAND_DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> Band:
    """Precision on a grid of recalls, as steps: that of the first threshold to reach a recall.

    Args:
        scores: (M,).
        positive: (M,).
        patients: (M,) the number of each object's patient.
        draws: of patients.
        level: coverage at each place.
        seed: the same seed gives the same band.
    """
    scores, positive, patients = _surest_first(scores, positive, patients)

    def drawn(weights: Values) -> Values:
        curve = pr_points(scores, positive, weights)
        if not curve.exists:
            return np.full(len(GRID), np.nan)
        return curve.y[1:][np.searchsorted(curve.x[1:], GRID, side="left")]

    return drawn_band(drawn, GRID, patients, draws, level, seed)


def reliability_band(
    confidence: Values,
    happened: NDArray[np.bool_],
    patients: NDArray[np.intp],
    *,
    bins: int = BINS,
    draws: int = BAND_DRAWS,
    level: float = 0.95,
    seed: int = 0,
) -> Band:
    """Frequency in each bin of confidence; an empty or nearly empty bin has no band.

    Args:
        confidence: (M,).
        happened: (M,).
        patients: (M,) the number of each object's patient.
        bins: of equal width.
        draws: of patients.
        level: coverage at each place.
        seed: the same seed gives the same band.
    """

    def drawn(weights: Values) -> Values:
        return reliability_bins(confidence, happened, weights, bins=bins).frequency

    middles = (np.arange(bins) + 0.5) / bins
    return drawn_band(drawn, middles, patients, draws, level, seed)


def drawn_band(
    drawn: Drawn,
    grid: Values,
    patients: NDArray[np.intp],
    draws: int,
    level: float,
    seed: int,
) -> Band:
    """Expanded percentiles at every place of the grid, from the same draws of whole patients."""
    nowhere = np.full(len(grid), np.nan)
    names, rows = np.unique(patients, return_inverse=True)
    if len(names) < 2:
        return Band(grid=grid, lower=nowhere, upper=nowhere)
    heights = np.array([drawn(one) for some in patient_draws(rows, draws, seed) for one in some])
    enough = np.isfinite(heights).mean(0) >= ENOUGH
    tail = expanded_tail(effective_count(rows), level)
    edges = np.stack([nowhere, nowhere])
    edges[:, enough] = np.nanquantile(heights[:, enough], [tail, 1 - tail], axis=0)
    return Band(grid=grid, lower=edges[0], upper=edges[1])
