"""Brier score and log loss: figures that only honest probabilities make best."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def where_known(figures: Values, objects: Values, weights: Values) -> Values:
    """(R,) figures, NaN wherever an object that counts has no number.

    Args:
        figures: (R,).
        objects: (M,) or (M, C) what the figures were computed from.
        weights: (R, M).
    """
    missing = np.isnan(objects)
    unknown = missing.any(1) if missing.ndim > 1 else missing
    return np.where((weights[:, unknown] > 0).any(1), np.nan, figures)


def weighted_mean(values: Values, weights: Values) -> Values:
    """(R,) means of (M,) values under (R, M) weights."""
    means = divided(weights @ np.nan_to_num(values), weights.sum(1))
    return where_known(means, values, weights)


def mean_of_known(values: Values) -> Values:
    """(R,) means of the numbers in each row of (R, C) values; NaN for a row without any."""
    known = ~np.isnan(values)
    return divided(np.where(known, values, 0.0).sum(1), known.sum(1).astype(float))


_LEAST = float(np.finfo(float).eps)
"""Floor of a probability under the logarithm, as in scikit-learn's log loss."""


def squared_errors(probabilities: Values, true: NDArray[np.integer]) -> Values:
    """(M,) squared distance of (M, C) probabilities from the annotated class; 0 to 2."""
    happened = true[:, None] == np.arange(probabilities.shape[1])
    return ((probabilities - happened) ** 2).sum(1)


def brier(probabilities: Values, true: NDArray[np.integer], weights: Values) -> Values:
    """(R,) Brier score summed over C classes, 0 to 2; for two classes twice `binary_brier`.

    Args:
        probabilities: (M, C).
        true: (M,) 0 ... C - 1.
        weights: (R, M).

    Source: Brier, Monthly Weather Review 1950; 78:1-3, equation 2.
    """
    return weighted_mean(squared_errors(probabilities, true), weights)


def binary_brier(probability: Values, positive: NDArray[np.bool_], weights: Values) -> Values:
    """(R,) mean squared error of (M,) probabilities of the positive class, 0 to 1."""
    return weighted_mean((probability - positive) ** 2, weights)


def negative_log_likelihood(
    probabilities: Values, true: NDArray[np.integer], weights: Values
) -> Values:
    """(R,) mean of -log of what the annotated class was given, in nats.

    A probability of 0 is taken as the smallest step of a float, so that one sure mistake costs
    36 nats and not infinitely much.

    Args:
        probabilities: (M, C).
        true: (M,) 0 ... C - 1.
        weights: (R, M).
    """
    given = np.take_along_axis(probabilities, true[:, None], 1)[:, 0]
    return weighted_mean(-np.log(np.clip(given, _LEAST, 1.0)), weights)
