"""Distances of found from annotated landmarks, on hits and on what was missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.case import Case, spacing_of
from polyclinic.metrics.layout import layout_errors
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.oks import object_area, similarities
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema


@dataclass(frozen=True, eq=False, kw_only=True)
class RadialErrors:
    """One row an annotated instance with landmarks, one column a landmark.

    A missed instance has no distance: its landmarks are annotated and not found.

    Args:
        names: (K,) landmark names.
        rows: (N,) the position of each instance's image among the matched cases.
        labelled: (N, K) whether the landmark was annotated.
        px: (N, K) distances in pixels; NaN where not annotated or not found.
        um: (N, K) distances in µm; NaN also where the scale is unknown.
        scaled: (N,) whether the scale is known.
        oks: (N,) object keypoint similarity; 0 for a missed instance, NaN for one whose size
            nobody drew.
        layout_px: (N, K) what the mean layout of the object, put into the found box, would err;
            NaN for a missed instance.
        reference_px: (N,) length to which PCK may relate; NaN where it can't be had.
    """

    names: tuple[str, ...]
    rows: NDArray[np.intp]
    labelled: NDArray[np.bool_]
    px: NDArray[np.float64]
    um: NDArray[np.float64]
    scaled: NDArray[np.bool_]
    oks: NDArray[np.float64]
    layout_px: NDArray[np.float64]
    reference_px: NDArray[np.float64]

    @property
    def homes(self) -> NDArray[np.intp]:
        """(N, K) `rows` of each landmark."""
        return np.broadcast_to(self.rows[:, None], self.labelled.shape)

    def lost(self, cases: int, column: int | None = None) -> NDArray[np.float64]:
        """(cases,) landmarks that were annotated and not found; of one column, where given."""
        lost = self.labelled & np.isnan(self.px)
        lost = lost.sum(1) if column is None else lost[:, column]
        return np.bincount(self.rows, lost, minlength=cases).astype(float)


def radial_errors(
    matched: Sequence[MatchedCase],
    schema: LandmarkSchema,
    *,
    reference: tuple[str, str] | None = None,
) -> RadialErrors:
    """Measure every annotated landmark of every instance, hit or missed.

    Args:
        matched: cases with their matches.
        schema: names of the landmark rows, the same for annotations and readings.
        reference: two landmarks whose annotated distance is the size of the object, e.g. the
            outer walls of a loop; None when no relative threshold is wanted.

    Raises:
        DataError: a reference landmark is not in the schema, or an instance has another number
            of landmarks than the schema.
    """
    ends = None if reference is None else (schema.index(reference[0]), schema.index(reference[1]))
    pairs = [
        (row, true, read)
        for row, one in enumerate(matched)
        for true, read in (*one.pairs, *((one, None) for one in one.missed))
        if true.has_visible_landmarks
    ]
    rows = np.array([row for row, _, _ in pairs], np.intp)
    hit = np.array([read is not None for *_, read in pairs], bool)
    true = stacked([one for _, one, _ in pairs], len(schema))
    read = stacked([read or Instance(box=one.box) for _, one, read in pairs], len(schema))
    boxes = np.array([read.box for *_, read in pairs if read is not None], float).reshape(-1, 4)
    layout = np.full(true.shape[:2], np.nan)
    layout[hit] = layout_errors(true[hit], boxes)
    area = np.array([object_area(one) for _, one, _ in pairs], float)
    labelled = true[..., 2] > 0
    both = labelled & (read[..., 2] > 0)
    step = read[..., :2] - true[..., :2]
    um = 1e3 * _pixel_mm([one.case for one in matched])[rows]
    return RadialErrors(
        names=schema.names,
        rows=rows,
        labelled=labelled,
        px=_lengths(step, both),
        um=_lengths(step * um[:, None], both),
        scaled=np.all(np.isfinite(um), axis=1),
        oks=similarities(step, labelled, both, area, schema.sigmas),
        layout_px=layout,
        reference_px=_sizes(true, ends),
    )


def stacked(instances: Sequence[Instance], landmarks: int) -> NDArray[np.float64]:
    """(N, K, 3) landmarks; visibility 0 for an instance that has none.

    Raises:
        DataError: an instance has another number of landmarks.
    """
    none = np.zeros((landmarks, 3))
    found = [none if one.landmarks is None else one.landmarks for one in instances]
    for one in found:
        if len(one) != landmarks:
            raise DataError(
                f"an instance has {len(one)} landmarks", expected=f"{landmarks}, as the schema"
            )
    return np.array(found, float).reshape(-1, landmarks, 3)


def _pixel_mm(cases: Sequence[Case]) -> NDArray[np.float64]:
    """(N, 2) width and height of a pixel in mm; NaN where the scale is unknown."""
    known = [spacing_of(case) for case in cases]
    return np.array([(one.column_mm, one.row_mm) for one in known], float).reshape(-1, 2)


def _lengths(step: NDArray[np.float64], both: NDArray[np.bool_]) -> NDArray[np.float64]:
    return np.where(both, np.hypot(step[..., 0], step[..., 1]), np.nan)


def _sizes(landmarks: NDArray[np.float64], ends: tuple[int, int] | None) -> NDArray[np.float64]:
    if ends is None:
        return np.full(len(landmarks), np.nan)
    first, second = landmarks[:, ends[0]], landmarks[:, ends[1]]
    both = (first[:, 2] > 0) & (second[:, 2] > 0)
    return _lengths(first[:, :2] - second[:, :2], both)
