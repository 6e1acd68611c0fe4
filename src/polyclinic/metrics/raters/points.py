"""How far raters spread about their common landmarks.

Shape letters: K raters, L landmarks, D coordinates.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided


def consensus_points(points: ArrayLike) -> Values:
    """(L, D) mean of (K, L, D) points over the raters who placed them; NaN where none did.

    Raises:
        DataError: the points are not of that shape.
    """
    placed = _points(points)
    there = np.isfinite(placed).all(2, keepdims=True)
    sums = np.where(there, placed, 0).sum(0)
    return divided(sums, there.sum(0, dtype=float).repeat(placed.shape[2], 1))


def distances_to_consensus(points: ArrayLike) -> Values:
    """(K, L) distance of each rater's landmark to the consensus, in the unit of the points.

    NaN where a rater did not place the landmark. A rater's own point is part of the consensus:
    with K raters of equal spread the distances are short by a factor of sqrt(1 - 1/K).
    """
    return np.linalg.norm(_points(points) - consensus_points(points), axis=2)


def rater_spread(points: ArrayLike) -> Values:
    """(L,) mean distance of (K, L, D) points to their consensus, in the unit of the points.

    NaN where less than two raters placed the landmark. For anatomical fiducials it is called the
    localisation error (Lau et al., Human Brain Mapping 2019; 40:4163-4179).
    """
    away = distances_to_consensus(points)
    placed = np.isfinite(away)
    count = placed.sum(0)
    return divided(np.where(placed, away, 0).sum(0), np.where(count > 1, count, 0).astype(float))


def _points(points: ArrayLike) -> Values:
    placed = np.asarray(points, float)
    if placed.ndim != 3:
        raise DataError(
            f"points have shape {placed.shape}", expected="(raters, landmarks, coordinates)"
        )
    return placed
