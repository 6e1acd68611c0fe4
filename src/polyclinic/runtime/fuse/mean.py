"""Weighted means that give equal values back unchanged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray


def weighted_mean(values: ArrayLike, weights: ArrayLike | None = None) -> NDArray[np.float64]:
    """Mean over the first axis, never outside of what it is the mean of.

    The first value is taken as the origin, so that the mean of equal values is that value, bit by
    bit. Where all weights are zero, all count the same.

    Args:
        values: (N, ...).
        weights: (N,) or (N, ...), not negative; None counts all the same.
    """
    stacked = np.asarray(values, float)
    given = np.ones(len(stacked)) if weights is None else np.asarray(weights, float)
    given = given.reshape(given.shape + (1,) * (stacked.ndim - given.ndim))
    total = given.sum(0)
    shares = np.where(total > 0, given / np.where(total > 0, total, 1.0), 1 / len(stacked))
    mean = stacked[0] + (shares * (stacked - stacked[0])).sum(0)
    clipped: NDArray[np.float64] = np.clip(mean, stacked.min(0), stacked.max(0))
    return clipped


def mean_by_name(named: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of each name over those that give it."""
    names = dict.fromkeys(name for one in named for name in one)
    return {
        name: float(weighted_mean([one[name] for one in named if name in one])) for name in names
    }
