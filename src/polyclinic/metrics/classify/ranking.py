"""What a score tells apart, whatever threshold is chosen: AUC and average precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.classify.proper import mean_of_known, where_known
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranking:
    """Objects called positive at every threshold, from none to all; equal scores go together.

    Args:
        thresholds: (K + 1,) infinity, then the distinct scores, descending.
        true_positive: (R, K + 1) weight of positives that reach each threshold.
        false_positive: (R, K + 1) weight of negatives that reach it.
    """

    thresholds: Values
    true_positive: Values
    false_positive: Values

    @property
    def positives(self) -> Values:
        """(R,) weight of all positives."""
        return self.true_positive[:, -1]

    @property
    def negatives(self) -> Values:
        """(R,) weight of all negatives."""
        return self.false_positive[:, -1]


def ranking(scores: Values, positive: NDArray[np.bool_], weights: Values) -> Ranking:
    """Sort once, then count for every set of weights.

    Args:
        scores: (M,) higher means more likely positive.
        positive: (M,) what was annotated.
        weights: (R, M).
    """
    order = np.argsort(-scores, kind="stable")
    ranked, is_positive = scores[order], positive[order].astype(bool)
    last = np.flatnonzero(np.append(ranked[1:] != ranked[:-1], True)[: len(ranked)])
    placed = weights[:, order]
    return Ranking(
        thresholds=np.concatenate([[np.inf], ranked[last]]),
        true_positive=_reached(placed * is_positive, last),
        false_positive=_reached(placed * ~is_positive, last),
    )


def _reached(placed: Values, last: NDArray[np.intp]) -> Values:
    return np.pad(placed.cumsum(1)[:, last], ((0, 0), (1, 0)))


def auc(scores: Values, positive: NDArray[np.bool_], weights: Values) -> Values:
    """(R,) probability that a positive object scores above a negative one; ties count half.

    The area under the ROC curve by the trapezoidal rule. NaN without positives or negatives.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (R, M).

    Source: Hanley and McNeil, Radiology 1982; 143:29-36.
    """
    at = ranking(scores, positive, weights)
    middle = (at.true_positive[:, 1:] + at.true_positive[:, :-1]) / 2
    area = (np.diff(at.false_positive, axis=1) * middle).sum(1)
    return where_known(divided(area, at.positives * at.negatives), scores, weights)


def macro_auc(probabilities: Values, true: NDArray[np.integer], weights: Values) -> Values:
    """(R,) mean of the AUC of each class against the rest.

    A class that does not occur, or that everything is, has no AUC and is left out of the mean.

    Args:
        probabilities: (M, C).
        true: (M,) 0 ... C - 1.
        weights: (R, M).
    """
    each = [auc(column, true == k, weights) for k, column in enumerate(probabilities.T)]
    means = mean_of_known(np.stack([*each, np.full(len(weights), np.nan)], axis=1))
    return where_known(means, probabilities, weights)


def average_precision(scores: Values, positive: NDArray[np.bool_], weights: Values) -> Values:
    """(R,) area under the precision-recall curve, as steps: sum of (R_k - R_(k-1)) P_k.

    Nothing is interpolated, as in scikit-learn. NaN without positives.

    Args:
        scores: (M,).
        positive: (M,).
        weights: (R, M).
    """
    at = ranking(scores, positive, weights)
    true, called = at.true_positive, at.true_positive + at.false_positive
    precision = np.nan_to_num(divided(true, called)[:, 1:])
    area = (np.diff(true, axis=1) * precision).sum(1)
    return where_known(divided(area, at.positives), scores, weights)
