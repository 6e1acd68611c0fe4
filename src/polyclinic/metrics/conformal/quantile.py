"""The bound that a value of a new patient keeps, whatever the distribution."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SLACK = 1e-9
"""Sums of shares such as 1/3 miss whole numbers by rounding."""
_FAR = 6 * 0.5
"""Six standard errors of a share of K: values so far under the level have no part in its bound."""

Values = NDArray[np.float64]


def patient_quantile(values: ArrayLike, patients: ArrayLike, level: float = 0.95) -> float | None:
    """The bound under which a value of a new patient stays with probability `level`.

    One value drawn at random from each of K patients gives an ordinary split-conformal bound, the
    value of rank level (K + 1), which holds for a random value of a new patient, for any number
    of values a patient and any likeness among them (subsampling once). It depends on the draw.
    So the bound is found for every draw there is, and what the draws reach on average, as a
    share of all values in which each patient counts once, is the share that the answer reaches.

    Where patients have one value each, where values of a patient are all alike, and where they
    resemble each other no more than those of others, a new value stays under it with a
    probability of `level` at least and of `level` + 1 / (K + 1) at most. Between these ends it
    is no theorem: `docs/results/conformal_width.json` holds simulations. The promise is one on
    average over patients and sets of K: one patient may lie beyond with all values.

    The weighted quantile of all values (hierarchical conformal prediction) is proven throughout,
    but counts the new patient's values as infinite: with 20 patients it is the bound of 99.75 %
    of the values, and follows the worst one wherever there are fewer than 400.

    Args:
        values: (M,); NaN is left out.
        patients: (M,) a number of each value's patient.
        level: 0 to 1, without the ends.

    Returns:
        None when the bound is infinite: fewer patients than `least_patients`.

    Source: Dunn, Wasserman and Ramdas, "Distribution-free prediction sets for two-layer
    hierarchical models", J Am Stat Assoc 2023; 118:2491-2502 (subsampling once and repeatedly);
    Lee, Barber and Willett, "Distribution-free inference with hierarchical data",
    arXiv:2306.06342 (the weighted quantile). The average of shares is this package's.
    """
    flat, of = np.asarray(values, float), np.asarray(patients, np.intp)
    kept = np.isfinite(flat)
    bounds, below = _shares(flat[kept], of[kept])
    count = below.shape[1]
    if count < least_patients(level):
        return None
    reached = below.mean(1)
    wanted = _mean_share(below, reached, level) - _SLACK
    return float(bounds[np.searchsorted(reached, wanted)])


def least_patients(level: float = 0.95) -> int:
    """How many patients a finite bound needs: 19 for 95 %."""
    return max(1, math.ceil(level / (1 - level) - _SLACK))


def _shares(values: Values, patients: NDArray[np.intp]) -> tuple[Values, Values]:
    """(B,) different values ascending, and (B, K) the share of each patient's that they reach."""
    bounds, place = np.unique(values, return_inverse=True)
    names, home, counts = np.unique(patients, return_inverse=True, return_counts=True)
    shares = np.zeros((len(bounds), len(names)))
    np.add.at(shares, (place, home), 1.0)
    return bounds, shares.cumsum(0) / counts


def _mean_share(below: Values, reached: Values, level: float) -> float:
    """What the split-conformal bound of one value a patient reaches, mean over all draws.

    Where level (K + 1) is no whole number, the ranks on both sides of it count by their nearness.

    Args:
        below: (B, K) share of each patient's values up to each bound.
        reached: (B,) mean of those.
        level: coverage.
    """
    count = below.shape[1]
    rank = max(level * (count + 1), 1.0)
    lower = math.floor(rank + _SLACK)
    part = max(rank - lower, 0.0)
    near = reached > level - _FAR / math.sqrt(count)
    above = _chance_of_few(1 - below[near], count - lower)
    at_lower, at_upper = (
        float(reached[near] @ np.diff(above[:, count - one], prepend=0.0))
        for one in (lower, min(lower + 1, count))
    )
    return (1 - part) * at_lower + part * at_upper


def _chance_of_few(chances: Values, most: int) -> Values:
    """(B, most + 1) chance that 0, at most 1 ... of K independent events happen.

    Args:
        chances: (B, K) of each event.
        most: the largest number asked for.
    """
    exactly = np.zeros((len(chances), most + 1))
    exactly[:, 0] = 1.0
    for chance in chances.T[:, :, None]:
        exactly[:, 1:] = exactly[:, 1:] * (1 - chance) + exactly[:, :-1] * chance
        exactly[:, :1] *= 1 - chance
    return exactly.cumsum(1)
