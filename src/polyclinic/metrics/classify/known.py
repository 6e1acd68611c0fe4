"""Means that do not exist rather than mislead."""

from __future__ import annotations

import numpy as np

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
