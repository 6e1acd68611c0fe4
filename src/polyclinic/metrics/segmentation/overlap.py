"""How many pixels an annotated and a found region share, and the ratios of such counts.

Counts are (..., 3) arrays: pixels that are shared, annotated, found. Those of several images may
be added before a ratio is taken (pooled) or each give a ratio of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

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
