"""How far found values lie from true ones, in their unit."""

from __future__ import annotations

import numpy as np

from polyclinic.metrics.agree.sums import Moments
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

REACH = 1.96
"""Standard deviations from the bias to a limit of agreement."""


def mean_absolute_error(of: Moments) -> Values:
    """(R,) mean absolute difference."""
    return of.absolute


def root_mean_squared_error(of: Moments) -> Values:
    """(R,) root of the mean squared difference."""
    return np.sqrt(of.squared)


def bias(of: Moments) -> Values:
    """(R,) mean of found - true."""
    return of.bias


def deviation(of: Moments) -> Values:
    """(R,) standard deviation of the differences, divisor n - 1; NaN for less than two pairs."""
    return np.sqrt(divided(of.n * of.spread, np.maximum(of.n - 1, 0)))


def lower_limit(of: Moments) -> Values:
    """(R,) lower limit of agreement, bias - 1.96 SD (Bland and Altman, Lancet 1986; 327:307)."""
    return of.bias - REACH * deviation(of)


def upper_limit(of: Moments) -> Values:
    """(R,) upper limit of agreement, bias + 1.96 SD."""
    return of.bias + REACH * deviation(of)
