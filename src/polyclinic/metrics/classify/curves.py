"""ROC and precision-recall curves, as points to be drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.classify.ranking import Ranking, ranking
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """Points by descending threshold.

    Args:
        x: (K + 1,) false positive rate, or recall; ascending.
        y: (K + 1,) sensitivity, or precision.
        thresholds: (K + 1,) the score from which on an object was called positive.
    """

    x: Values
    y: Values
    thresholds: Values

    @property
    def exists(self) -> bool:
        """Whether there is anything to draw."""
        return len(self.x) > 0


def roc_points(scores: Values, positive: NDArray[np.bool_], weights: Values | None = None) -> Curve:
    """ROC curve, to be joined by straight lines; without points where it does not exist.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (M,); all ones unless given.
    """
    at = _ranked(scores, positive, weights)
    if at is None or not at.negatives[0]:
        return _NOTHING
    return Curve(
        x=at.false_positive[0] / at.negatives[0],
        y=at.true_positive[0] / at.positives[0],
        thresholds=at.thresholds,
    )


def pr_points(scores: Values, positive: NDArray[np.bool_], weights: Values | None = None) -> Curve:
    """Precision-recall curve, to be drawn as steps; without points where it does not exist.

    A recall is reached with the precision of the first point that has it (`where="pre"`). The
    first point has recall 0 and precision 1: nothing called positive is never wrong.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (M,); all ones unless given.
    """
    at = _ranked(scores, positive, weights)
    if at is None:
        return _NOTHING
    true, called = at.true_positive[0], at.true_positive[0] + at.false_positive[0]
    precision = divided(true, called)
    counts = called > 0
    return Curve(
        x=np.append(0.0, true[counts] / at.positives[0]),
        y=np.append(1.0, precision[counts]),
        thresholds=np.append(np.inf, at.thresholds[counts]),
    )


_NOTHING = Curve(x=np.zeros(0), y=np.zeros(0), thresholds=np.zeros(0))


def _ranked(scores: Values, positive: NDArray[np.bool_], weights: Values | None) -> Ranking | None:
    """Counts at every threshold; None where a score is unknown or nothing is positive."""
    of_object = np.ones(len(scores)) if weights is None else weights
    kept = of_object > 0
    if np.isnan(scores[kept]).any() or not positive[kept].any():
        return None
    return ranking(scores[kept], positive[kept], of_object[None, kept])
