"""How closely found values follow true ones: correlation, concordance, regression."""

from __future__ import annotations

import numpy as np

from polyclinic.metrics.agree.sums import Moments
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def pearson(of: Moments) -> Values:
    """(R,) product-moment correlation (PLCC), -1 to 1; NaN where a side does not vary."""
    spread = np.sqrt(of.found_variance) * np.sqrt(of.true_variance)
    return np.clip(divided(of.covariance, spread), -1, 1)


def concordance(of: Moments) -> Values:
    """(R,) concordance correlation coefficient, -1 to 1; 1 when every found value is the true one.

    Variances have the divisor n, as in Lin's paper; some packages take n - 1. NaN where neither
    side varies.

    Source: Lin, Biometrics 1989; 45:255-268.
    """
    varies = of.found_variance + of.true_variance
    around = varies + (of.found - of.true) ** 2
    return divided(2 * of.covariance, np.where(varies > 0, around, 0))


def determination(of: Moments) -> Values:
    """(R,) coefficient of determination R2, 1 - squared error / variance of the true values.

    Below 0 for readers worse than the true mean; NaN where the true values do not vary.
    """
    return 1 - divided(of.squared, of.true_variance)


def deming_slope(of: Moments, ratio: float = 1.0) -> Values:
    """(R,) slope of found over true when both carry an error.

    Args:
        of: moments of the pairs.
        ratio: variance of the found values' error over that of the true values' (lambda). 1 is
            orthogonal regression.

    Returns:
        The slope; NaN where it is vertical or the points have no direction.

    Source: Cornbleet and Gochman, Clinical Chemistry 1979; 25:432-438.
    """
    excess = of.found_variance - ratio * of.true_variance
    root = np.hypot(excess, 2 * np.sqrt(ratio) * of.covariance)
    steep = divided(excess + root, 2 * of.covariance)
    flat = divided(2 * ratio * of.covariance, root - excess)
    return np.where(excess > 0, steep, flat)


def deming_intercept(of: Moments, ratio: float = 1.0) -> Values:
    """(R,) found value at a true value of 0 on the line of `deming_slope`."""
    return of.found - deming_slope(of, ratio) * of.true
