"""Object keypoint similarity of pairs of instances, as overlap of landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import Objects, annotated_area
from polyclinic.metrics.detect.pairs import Pairs
from polyclinic.metrics.figure import Values
from polyclinic.schema import LandmarkSchema

_AT_ONCE = 1_000_000


class LandmarkOverlap:
    """OKS: the mean over labelled landmarks of exp(-d^2 / (2 area (2 sigma)^2)).

    Around an annotated instance without labelled landmarks d is the distance from twice its box,
    so that what is found there can be passed over.

    Source: cocodataset.org, "Keypoint Evaluation", and its reference evaluation.
    """

    def __init__(self, true: Objects, found: Objects, schema: LandmarkSchema) -> None:
        known, points = true.points(len(schema)), found.points(len(schema))
        labelled = known[..., 2].astype(bool)
        blank = ~np.any(labelled, axis=1)
        self._labelled = labelled | blank[:, None]
        self.uncounted = true.crowd | blank
        wide = _doubled(true.box)
        self._axes = [
            (
                np.where(blank[:, None], wide[:, [axis]], known[..., axis]),
                np.where(blank[:, None], wide[:, [axis + 2]], known[..., axis]),
                np.ascontiguousarray(points[..., axis]),
            )
            for axis in (0, 1)
        ]
        area = annotated_area(true) + np.spacing(1)
        self._spread = area[:, None], (2 * np.asarray(schema.sigmas, float)) ** 2
        # The mean can't reach 1/2 unless one landmark does: d^2 <= 2 ln(2) area (2 sigma)^2.
        reach = np.sqrt(2 * np.log(2) * area * self._spread[1].max(initial=0)) * (1 + 1e-9)
        self.true_hull = np.column_stack(
            [_least(low, self._labelled) - reach for low, _, _ in self._axes]
            + [reach - _least(-high, self._labelled) for _, high, _ in self._axes]
        )
        every = np.ones((len(found), len(schema)), bool)
        self.found_hull = np.column_stack(
            [_least(at, every) for _, _, at in self._axes]
            + [-_least(-at, every) for _, _, at in self._axes]
        )
        self.found_area = np.prod(self.found_hull[:, 2:] - self.found_hull[:, :2], 1)

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) similarities; right for those of 1/2 and more."""
        step = max(1, _AT_ONCE // max(self._labelled.shape[1], 1))
        parts = [
            self._of(Pairs(pairs.true[i : i + step], pairs.found[i : i + step]))
            for i in range(0, len(pairs.true), step)
        ]
        return np.concatenate([np.zeros(0), *parts])

    def _of(self, pairs: Pairs) -> Values:
        true, found = pairs
        x, y = (_beyond(low[true], high[true], at[found]) for low, high, at in self._axes)
        area, squares = self._spread
        likeness = np.exp(-(x**2 + y**2) / squares / area[true] / 2)
        labelled = self._labelled[true]
        return (likeness * labelled).sum(1) / labelled.sum(1)


def _doubled(box: Values) -> Values:
    """(M, 4) boxes grown by their size to each side; COCO's corner lies half a pixel off."""
    corner, size = box[:, :2] + 0.5, box[:, 2:] - box[:, :2]
    return np.concatenate([corner - size, corner + 2 * size], 1)


def _beyond(low: Values, high: Values, at: Values) -> Values:
    """How far a coordinate lies outside a range; a point is a range of no length."""
    return np.maximum(low - at, 0) + np.maximum(at - high, 0)


def _least(values: Values, counted: NDArray[np.bool_]) -> Values:
    """(M,) of those of (M, K) that count; infinite where none does."""
    return np.where(counted, values, np.inf).min(1, initial=np.inf)
