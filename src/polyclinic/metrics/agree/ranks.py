"""Correlation of ranks for weighted pairs, and the logistic curve laid through them.

Shape letters: R sets of weights, M pairs, G different values.
"""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.special import expit

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


PARAMETERS = 5
SLOPES = (0.25, 20.0)
"""b2 times the standard deviation of found values: below, the curve can't be told from a cubic
one, and its parameters run away; above, it is a step."""


def logistic(
    found: Values, height: float, slope: float, middle: float, tilt: float, offset: float
) -> Values:
    """f(q) = b1 (1/2 - 1 / (1 + exp(b2 (q - b3)))) + b4 q + b5.

    Source: Sheikh, Sabir and Bovik, IEEE Transactions on Image Processing 2006; 15:3440-3451.
    """
    return np.asarray(height * (expit(slope * (found - middle)) - 0.5) + tilt * found + offset)


def fitted_logistic(found: Values, true: Values) -> Values:
    """(M,) found values on the curve that comes closest to the (M,) true ones, least squares.

    Height, tilt and offset enter linearly: for any slope and middle the best ones are solved for,
    so that the search has two parameters instead of five.

    All NaN where there are no more pairs than parameters, where a side does not vary, or where
    no curve is found.
    """
    unknown = np.full(len(found), np.nan)
    if len(found) <= PARAMETERS or np.ptp(found) == 0 or np.ptp(true) == 0:
        return unknown
    scaled = (found - found.mean()) / found.std()

    def closest(at: Values, slope: float, middle: float) -> Values:
        parts = np.stack([logistic(at, 1.0, slope, middle, 0.0, 0.0), at, np.ones_like(at)], 1)
        return np.asarray(parts @ np.linalg.lstsq(parts, true)[0], float)

    bounds = ([SLOPES[0], float(scaled.min())], [SLOPES[1], float(scaled.max())])
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OptimizeWarning)  # the covariance is of no use here
            best, _ = curve_fit(closest, scaled, true, p0=(1.0, 0.0), bounds=bounds)
    except RuntimeError:  # no optimum after many steps
        return unknown
    return closest(scaled, *best)
