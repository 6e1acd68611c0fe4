"""How many pixels an annotated and a found region share; empty images; soft Dice.

Counts are (..., 3) arrays: pixels that are shared, annotated, found. Those of several images may
be added before a ratio is taken (pooled) or each give a ratio of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

EMPTY_CASE_POLICY = (
    "Nothing annotated and nothing found: left out of Dice and distances, counted as agreed. "
    "Annotated and not found, or found and not annotated: Dice 0, surface Dice 0, "
    "distances the diagonal of the image."
)
"""One line for the report."""


@dataclass(frozen=True, kw_only=True)
class EmptyCases:
    """In how many images a class is annotated, found, both or neither.

    Args:
        name: the class; empty for all classes together.
        neither: agreed to be empty.
        only_annotated: missed altogether.
        only_found: invented altogether.
        both: the images that have distances of their own.
    """

    name: str = ""
    neither: int
    only_annotated: int
    only_found: int
    both: int

    @classmethod
    def of(cls, name: str, held: NDArray[np.bool_]) -> EmptyCases:
        """Count images by (M, 2) whether anything is annotated, and found."""
        annotated, found = held.T
        return cls(
            name=name,
            neither=int(np.sum(~annotated & ~found)),
            only_annotated=int(np.sum(annotated & ~found)),
            only_found=int(np.sum(~annotated & found)),
            both=int(np.sum(annotated & found)),
        )


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


Region = NDArray[np.bool_]


def pixel_counts(true: Region, read: Region) -> Values:
    """(3,) shared, annotated and found pixels of two (H, W) masks.

    Raises:
        DataError: the two are not of the same shape.
    """
    same_shape(true, read)
    return np.array(
        [np.count_nonzero(true & read), np.count_nonzero(true), np.count_nonzero(read)], float
    )


def label_counts(true: NDArray[np.integer], read: NDArray[np.integer], labels: int) -> Values:
    """(C, 3) shared, annotated and found pixels of each label of two (H, W) label maps.

    Args:
        true: annotated map of 0 ... C - 1; pixels with another value are not annotated and count
            on neither side.
        read: found map; another value is no label.
        labels: C.

    Raises:
        DataError: the two are not of the same shape.
    """
    same_shape(true, read)
    looked = (true >= 0) & (true < labels)
    annotated, found = true[looked], read[looked]
    named = (found >= 0) & (found < labels)
    agreed = annotated[annotated == found]
    return np.stack(
        [np.bincount(some, minlength=labels) for some in (agreed, annotated, found[named])], axis=1
    ).astype(float)


def dice(counts: Values) -> Values:
    """2 shared / (annotated + found); NaN where both are empty."""
    return divided(2 * counts[..., 0], counts[..., 1] + counts[..., 2])


def iou(counts: Values) -> Values:
    """Shared / (annotated or found); NaN where both are empty."""
    return divided(counts[..., 0], counts[..., 1] + counts[..., 2] - counts[..., 0])


def sensitivity(counts: Values) -> Values:
    """Shared / annotated; NaN where nothing is annotated."""
    return divided(counts[..., 0], counts[..., 1])


def precision(counts: Values) -> Values:
    """Shared / found; NaN where nothing is found."""
    return divided(counts[..., 0], counts[..., 2])


def same_shape(true: NDArray[Any], read: NDArray[Any]) -> None:
    """Refuse two arrays that are not of one frame.

    Raises:
        DataError: the two are not of the same shape.
    """
    if true.shape != read.shape:
        raise DataError(
            f"annotated region has shape {true.shape}, found one {read.shape}",
            expected="two of the same shape",
        )
