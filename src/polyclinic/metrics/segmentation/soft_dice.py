"""Overlap of two probability maps, averaged over thresholds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Values
from polyclinic.metrics.segmentation.overlap import dice, iou, pixel_counts, same_shape

THRESHOLDS = (0.1, 0.3, 0.5, 0.7, 0.9)


def soft_dice(
    true: NDArray[np.floating],
    read: NDArray[np.floating],
    thresholds: Sequence[float] = THRESHOLDS,
) -> float:
    """Mean Dice of two (H, W) maps, both cut at each threshold.

    The reference is soft where several raters disagree: state which one it is. A pixel is inside
    where its value exceeds the threshold. Thresholds at which both maps are empty are left out,
    as images are; the published code counts them as 1. NaN where that leaves none.

    Source: Ji et al., "Learning calibrated medical image segmentation via multi-rater agreement
    modeling", CVPR 2021.

    Raises:
        DataError: the maps are not of the same shape.
    """
    return _mean(dice(threshold_counts(true, read, thresholds)))


def soft_iou(
    true: NDArray[np.floating],
    read: NDArray[np.floating],
    thresholds: Sequence[float] = THRESHOLDS,
) -> float:
    """Mean IoU of two (H, W) maps, both cut at each threshold; otherwise as `soft_dice`."""
    return _mean(iou(threshold_counts(true, read, thresholds)))


def threshold_counts(
    true: NDArray[np.floating], read: NDArray[np.floating], thresholds: Sequence[float]
) -> Values:
    """(T, 3) pixels shared, in the annotated map and in the found map above each threshold."""
    same_shape(true, read)
    return np.array([pixel_counts(true > cut, read > cut) for cut in thresholds], float).reshape(
        -1, 3
    )


def _mean(values: Values) -> float:
    there = np.isfinite(values)
    return float(values[there].mean()) if there.any() else float("nan")
