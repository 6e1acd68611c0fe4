"""Whether what was said with 80 % confidence is right in 80 of 100 cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.classify.proper import mean_of_known, where_known
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

BINS = 15
_ROUNDING = 1e-12


def bin_of(confidence: Values, bins: int = BINS) -> NDArray[np.intp]:
    """(M,) bins of equal width over 0 to 1; an edge belongs to the bin below it, 0 to the first."""
    edges = np.linspace(0, 1, bins + 1)
    return np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)


def calibration_error(
    confidence: Values, happened: NDArray[np.bool_], weights: Values, *, bins: int = BINS
) -> Values:
    """(R,) expected calibration error: gap of confidence and frequency, bins by their weight.

    Args:
        confidence: (M,) what was said, e.g. the probability of the likeliest class.
        happened: (M,) whether it came true, e.g. whether that class was right.
        weights: (R, M).
        bins: of equal width.

    Source: Guo et al., ICML 2017, equation 3.
    """
    gaps = weights @ (_held(confidence, bins) * np.nan_to_num(confidence - happened)[:, None])
    error = divided(np.abs(gaps).sum(1), weights.sum(1))
    return where_known(error, confidence, weights)


def squared_calibration_error(
    confidence: Values,
    happened: NDArray[np.bool_],
    weights: Values,
    *,
    patients: NDArray[np.intp] | None = None,
    bins: int = BINS,
) -> Values:
    """(R,) mean squared gap of confidence and frequency, free of bias: about 0 where calibrated.

    In a bin the square of the mean gap is larger than that of the true gap by the variance of the
    mean, which is why a calibrated reader never has a calibration error of 0. Here only products
    of gaps of different patients are averaged. It may be below 0. A bin with one patient says
    nothing and is left out; NaN where all are.

    Args:
        confidence: (M,) what was said.
        happened: (M,) whether it came true.
        weights: (R, M).
        patients: (M,) the number of each object's patient; each object, and each copy that a
            weight counts, is one unless given.
        bins: of equal width.

    Source: Kumar, Liang and Ma, NeurIPS 2019, section 4.1, whose estimator takes off the variance
    of independent objects; products between patients hold where images of one are alike.
    """
    if not len(confidence):
        return np.full(len(weights), np.nan)
    alone = patients is None
    of = np.arange(len(confidence)) if patients is None else patients
    cell = np.stack([bin_of(np.nan_to_num(confidence), bins), of])
    order = np.lexsort(cell[::-1])
    home, gap = cell[:, order], np.nan_to_num(confidence - happened)[order]
    first = np.flatnonzero(np.any(np.diff(home, prepend=-1), axis=0))
    bin_starts = np.flatnonzero(np.diff(home[0, first], prepend=-1))
    placed = weights[:, order]

    def between(each: Values) -> Values:
        """(R, B) sums of products of different patients' (M,) values."""
        of_patients = np.add.reduceat(placed * each, first, axis=1)
        own = placed * each**2 if alone else of_patients**2
        total = np.add.reduceat(of_patients, bin_starts, axis=1)
        return np.asarray(total**2 - np.add.reduceat(own, bin_starts, axis=1))

    pairs = between(np.ones_like(gap))
    count = np.add.reduceat(np.add.reduceat(placed, first, axis=1), bin_starts, axis=1)
    several = pairs > _ROUNDING * count**2
    squares = np.divide(between(gap), pairs, out=np.zeros_like(pairs), where=several)
    known = np.where(several, count, 0.0)
    found = divided((squares * known).sum(1), known.sum(1))
    return where_known(found, confidence, weights)


def classwise_calibration_error(
    probabilities: Values, true: NDArray[np.integer], weights: Values, *, bins: int = BINS
) -> Values:
    """(R,) mean over classes of the calibration error of each class's probability.

    Args:
        probabilities: (M, C).
        true: (M,) 0 ... C - 1.
        weights: (R, M).
        bins: of equal width.

    Source: Kull et al., NeurIPS 2019, section 2.
    """
    each = [
        calibration_error(column, true == k, weights, bins=bins)
        for k, column in enumerate(probabilities.T)
    ]
    means = mean_of_known(np.stack([*each, np.full(len(weights), np.nan)], axis=1))
    return where_known(means, probabilities, weights)


@dataclass(frozen=True, eq=False, kw_only=True)
class Reliability:
    """The points of a reliability diagram, one for each of B bins.

    Args:
        edges: (B + 1,) ascending, 0 to 1.
        confidence: (B,) mean of what was said; NaN in an empty bin.
        frequency: (B,) share that came true; NaN in an empty bin.
        count: (B,) objects, by their weight.
    """

    edges: Values
    confidence: Values
    frequency: Values
    count: Values


def reliability_bins(
    confidence: Values,
    happened: NDArray[np.bool_],
    weights: Values | None = None,
    *,
    bins: int = BINS,
) -> Reliability:
    """What was said and what came true, bin by bin; objects without a number are left out.

    Args:
        confidence: (M,).
        happened: (M,).
        weights: (M,); all ones unless given.
        bins: of equal width.
    """
    known = ~np.isnan(confidence)
    said, true = confidence[known], happened[known]
    of_object = np.ones(len(said)) if weights is None else weights[known]
    held = _held(said, bins)
    count = of_object @ held
    return Reliability(
        edges=np.linspace(0, 1, bins + 1),
        confidence=divided((of_object * said) @ held, count),
        frequency=divided((of_object * true) @ held, count),
        count=count,
    )


def _held(confidence: Values, bins: int) -> Values:
    """(M, B) ones where an object lies in a bin."""
    return np.asarray(bin_of(confidence, bins)[:, None] == np.arange(bins), float)
