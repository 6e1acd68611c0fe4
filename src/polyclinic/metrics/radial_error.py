"""Distances of found from annotated landmarks on matched instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import spacing_of
from polyclinic.metrics.matching import MatchedCase
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema


@dataclass(frozen=True, eq=False, kw_only=True)
class RadialErrors:
    """One row a matched instance, one column a landmark.

    Args:
        names: (K,) landmark names.
        labelled: (N, K) whether the landmark was annotated.
        px: (N, K) distances in pixels; NaN where not annotated or not found.
        um: (N, K) distances in µm; NaN also where the scale is unknown.
        reference_px: (N,) length to which PCK may relate; NaN where it can't be had.
    """

    names: tuple[str, ...]
    labelled: NDArray[np.bool_]
    px: NDArray[np.float64]
    um: NDArray[np.float64]
    reference_px: NDArray[np.float64]


def radial_errors(
    matched: Sequence[MatchedCase],
    schema: LandmarkSchema,
    *,
    reference: tuple[str, str] | None = None,
) -> RadialErrors:
    """Measure every annotated landmark of every matched instance.

    Args:
        matched: cases with their matches.
        schema: names of the landmark rows, the same for annotations and readings.
        reference: two landmarks whose annotated distance is the size of the object, e.g. the
            outer walls of a loop; None when no relative threshold is wanted.

    Raises:
        DataError: a reference landmark is not in the schema.
    """
    ends = None if reference is None else (schema.index(reference[0]), schema.index(reference[1]))
    labelled, px, um, sizes = [], [], [], []
    for one in matched:
        spacing = spacing_of(one.case)
        for true, read in one.pairs:
            if true.landmarks is None or not true.has_visible_landmarks:
                continue
            labelled.append(true.landmarks[:, 2] > 0)
            px.append(_distances(true, read, (1.0, 1.0)))
            um.append(_distances(true, read, (1e3 * spacing.column_mm, 1e3 * spacing.row_mm)))
            sizes.append(_size(true.landmarks, ends))
    shape = (-1, len(schema))
    return RadialErrors(
        names=schema.names,
        labelled=np.array(labelled, bool).reshape(shape),
        px=np.array(px, float).reshape(shape),
        um=np.array(um, float).reshape(shape),
        reference_px=np.array(sizes, float),
    )


def _distances(true: Instance, read: Instance, pixel: tuple[float, float]) -> NDArray[np.float64]:
    """(K,) distances in the unit of `pixel` (width, height); NaN in it makes all of them NaN."""
    if true.landmarks is None or read.landmarks is None:
        return np.full(0 if true.landmarks is None else len(true.landmarks), np.nan)
    both = (true.landmarks[:, 2] > 0) & (read.landmarks[:, 2] > 0)
    step = (read.landmarks[:, :2] - true.landmarks[:, :2]) * pixel
    return np.where(both, np.hypot(step[:, 0], step[:, 1]), np.nan)


def _size(landmarks: NDArray[np.float64], ends: tuple[int, int] | None) -> float:
    if ends is None or not (landmarks[list(ends), 2] > 0).all():
        return np.nan
    first, second = landmarks[ends[0], :2], landmarks[ends[1], :2]
    return float(np.hypot(*(first - second)))
