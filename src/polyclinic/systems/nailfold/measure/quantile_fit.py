"""A line or a parabola with a share of the points below it."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

TRIED = 2000  # curves through as many points as they have terms, of up to 23 loops
SINGULAR = 1e-9  # determinant of positions of about -1 ... 1


def quantile_fit(
    design: NDArray[np.float64], target: NDArray[np.float64], quantile: float
) -> NDArray[np.float64]:
    """Linear quantile regression (Koenker and Bassett, Econometrica 46:33, 1978).

    One of the best fits runs through as many points as it has terms, so for as few points as an
    image has loops all of those are tried; more are left to a linear programme.
    """
    count, terms = design.shape
    if math.comb(count, terms) > TRIED:
        return programmed(design, target, quantile)
    through = np.array(list(combinations(range(count), terms)))
    corners = design[through]
    # Points at one place lay no curve; those of others at one place give the same.
    sound = np.abs(np.linalg.det(corners)) > SINGULAR
    if not sound.any():
        return programmed(design, target, quantile)
    fits = np.linalg.solve(corners[sound], target[through[sound]][..., None])[..., 0]
    above = target - fits @ design.T
    cost = np.where(above > 0, quantile, quantile - 1) * above
    return np.asarray(fits[cost.sum(1).argmin()])


def programmed(
    design: NDArray[np.float64], target: NDArray[np.float64], quantile: float
) -> NDArray[np.float64]:
    """The same as a linear programme."""
    count, terms = design.shape
    cost = np.concatenate([np.zeros(terms), np.full(count, quantile), np.full(count, 1 - quantile)])
    equal = np.hstack([design, np.eye(count), -np.eye(count)])
    bounds = [(None, None)] * terms + [(0, None)] * (2 * count)
    solved = linprog(cost, A_eq=equal, b_eq=target, bounds=bounds, method="highs")
    return np.asarray(solved.x)[:terms]
