"""Correlation of ranks for weighted pairs.

Shape letters: R sets of weights, M pairs, G different values.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def midranks(values: ArrayLike, weights: Values) -> Values:
    """(R, M) ranks of (M,) values when each occurs as often as (R, M) weights say.

    Equal values share the mean of the ranks that they take.
    """
    different, group = np.unique(np.asarray(values, float), return_inverse=True)
    if not len(different):
        return np.zeros(weights.shape)
    order = np.argsort(group, kind="stable")
    starts = np.searchsorted(group[order], np.arange(len(different)))
    held = np.add.reduceat(weights[:, order], starts, axis=1)
    return (held.cumsum(1) - (held - 1) / 2)[:, group]


def spearman(found: ArrayLike, true: ArrayLike, weights: Values) -> Values:
    """(R,) rank correlation (SRCC) of (M,) found and true values without NaN, -1 to 1.

    NaN where a side does not vary. It is the correlation of midranks (Spearman, American Journal
    of Psychology 1904; 15:72-101).
    """
    middle = (weights.sum(1, keepdims=True) + 1) / 2
    left, right = midranks(found, weights) - middle, midranks(true, weights) - middle
    both, first, second = (
        np.einsum("rm,rm,rm->r", weights, a, b)
        for a, b in ((left, right), (left, left), (right, right))
    )
    return np.clip(divided(both, np.sqrt(first) * np.sqrt(second)), -1, 1)


def kendall(found: ArrayLike, true: ArrayLike, weights: Values) -> Values:
    """(R,) Kendall's tau-b of (M,) found and true values without NaN, -1 to 1.

    NaN where a side does not vary. Takes M x M numbers of memory. Source: Kendall, Biometrika
    1945; 33:239-251.
    """
    left, right = (
        np.sign(np.subtract.outer(values, values))
        for values in (np.asarray(found, float), np.asarray(true, float))
    )
    both, first, second = (
        ((weights @ signs) * weights).sum(1) for signs in (left * right, abs(left), abs(right))
    )
    return np.clip(divided(both, np.sqrt(first) * np.sqrt(second)), -1, 1)
