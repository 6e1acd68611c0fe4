"""The curve that is laid through predicted and annotated quality before they are correlated."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.special import expit

from polyclinic.metrics.figure import Values

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
