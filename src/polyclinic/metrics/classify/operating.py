"""Sensitivity where specificity is given, and the other way round.

The operating point is a threshold that the data hold, and "none is positive" is one of them:
nothing is interpolated between thresholds. Of those that keep the promise, the best is taken, on
the very objects that are judged; a threshold chosen beforehand will do a little worse.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.classify.known import where_known
from polyclinic.metrics.classify.ranking import ranking
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

_ROUNDING = 1e-9


def sensitivity_at_specificity(
    scores: Values, positive: NDArray[np.bool_], weights: Values, *, least: float
) -> Values:
    """(R,) highest sensitivity of the thresholds whose specificity is at least `least`.

    NaN without positives or negatives.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (R, M).
        least: specificity, 0 to 1.
    """
    at = ranking(scores, positive, weights)
    allowed = (1 - least + _ROUNDING) * at.negatives
    last = (at.false_positive <= allowed[:, None]).sum(1) - 1
    hits = np.take_along_axis(at.true_positive, last[:, None], 1)[:, 0]
    found = np.where(at.negatives > 0, divided(hits, at.positives), np.nan)
    return where_known(found, scores, weights)


def specificity_at_sensitivity(
    scores: Values, positive: NDArray[np.bool_], weights: Values, *, least: float
) -> Values:
    """(R,) highest specificity of the thresholds whose sensitivity is at least `least`.

    NaN without positives or negatives.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (R, M).
        least: sensitivity, 0 to 1.
    """
    at = ranking(scores, positive, weights)
    needed = (least - _ROUNDING) * at.positives
    first = (at.true_positive < needed[:, None]).sum(1)
    alarms = np.take_along_axis(at.false_positive, first[:, None], 1)[:, 0]
    found = np.where(at.positives > 0, 1 - divided(alarms, at.negatives), np.nan)
    return where_known(found, scores, weights)


def sensitivity_at_threshold(
    scores: Values, positive: NDArray[np.bool_], weights: Values, *, threshold: float
) -> Values:
    """(R,) share of positives whose score is `threshold` or more; NaN without positives."""
    called = weights @ (positive & (scores >= threshold)).astype(float)
    return where_known(divided(called, weights @ positive.astype(float)), scores, weights)


def specificity_at_threshold(
    scores: Values, positive: NDArray[np.bool_], weights: Values, *, threshold: float
) -> Values:
    """(R,) share of negatives whose score is below `threshold`; NaN without negatives."""
    passed = weights @ (~positive & (scores < threshold)).astype(float)
    return where_known(divided(passed, weights @ (~positive).astype(float)), scores, weights)
