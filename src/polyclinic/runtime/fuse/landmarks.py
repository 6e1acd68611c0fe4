"""Landmarks of one object become one set."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.runtime.fuse.mean import weighted_mean
from polyclinic.sample import Instance

HIDDEN, VISIBLE = 1, 2


def fuse_landmarks(
    found: Sequence[Instance],
) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """Mean positions, weighted by confidence, and mean confidences.

    A landmark is seen when at least half of the members see it. Its position is the mean over
    those that share this verdict; it counts as hidden when more of them call it so than visible.

    Args:
        found: instances with (K, 3) landmarks; one without confidences counts as certain.

    Returns:
        (K, 3) x, y, visibility; (K,) confidences, None when nobody gives any.
    """
    points = np.stack([one.landmarks for one in found if one.landmarks is not None])
    stated = [one.landmark_confidence for one in found]
    weights = np.stack([np.ones(points.shape[1]) if sure is None else sure for sure in stated])
    sees = points[:, :, 2] > 0
    seen = 2 * sees.sum(0) >= len(points)
    agrees = sees == seen
    # Those that agree count even when none of them is confident.
    unsure = (weights * agrees).sum(0) <= 0
    weights = agrees * np.where(unsure, 1.0, weights)
    positions = weighted_mean(points[:, :, :2], np.repeat(weights[:, :, None], 2, axis=2))
    hidden = (points[:, :, 2] == HIDDEN).sum(0) > (points[:, :, 2] == VISIBLE).sum(0)
    visibility = np.where(seen, np.where(hidden, HIDDEN, VISIBLE), 0)
    given = [sure for sure in stated if sure is not None]
    return np.column_stack([positions, visibility]), weighted_mean(given) if given else None
