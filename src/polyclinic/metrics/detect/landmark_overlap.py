"""Object keypoint similarity of pairs of instances, as overlap of landmarks."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.areas import annotated_area
from polyclinic.metrics.detect.objects import Objects
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
        self._points = _points(found, len(schema))[..., :2]
        known = _points(true, len(schema))
        self._labelled = known[..., 2].astype(bool)
        blank = ~true.labelled
        wide = _doubled(true.box)
        self._low = np.where(blank[:, None, None], wide[:, None, :2], known[..., :2])
        self._high = np.where(blank[:, None, None], wide[:, None, 2:], known[..., :2])
        self._labelled[blank] = True
        area = annotated_area(true) + np.spacing(1)
        self._spread = area[:, None], (2 * np.asarray(schema.sigmas, float)) ** 2
        self.found_hull = _around(self._points, self._points, np.ones(self._points.shape[:2], bool))
        self.found_area = np.prod(self.found_hull[:, 2:] - self.found_hull[:, :2], 1)
        # The mean can't reach 1/2 unless one landmark does: d^2 <= 2 ln(2) area (2 sigma)^2.
        reach = np.sqrt(2 * np.log(2) * area * self._spread[1].max(initial=0)) * (1 + 1e-9)
        around = _around(self._low, self._high, self._labelled)
        self.true_hull = around + reach[:, None] * np.array([-1.0, -1.0, 1.0, 1.0])

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) similarities; right for those of 1/2 and more."""
        step = max(1, _AT_ONCE // max(self._labelled.shape[1], 1))
        parts = [
            self._of(Pairs(pairs.true[i : i + step], pairs.found[i : i + step]))
            for i in range(0, len(pairs.true), step)
        ]
        return np.concatenate([np.zeros(0), *parts])

    def _of(self, pairs: Pairs) -> Values:
        true, points = pairs.true, self._points[pairs.found]
        away = np.maximum(self._low[true] - points, 0) + np.maximum(points - self._high[true], 0)
        area, squares = self._spread
        likeness = np.exp(-(away**2).sum(2) / squares / area[true] / 2)
        labelled = self._labelled[true]
        return (likeness * labelled).sum(1) / labelled.sum(1)


def _points(objects: Objects, landmarks: int) -> Values:
    """(M, K, 3); zeros for an instance without landmarks."""
    nothing = np.zeros((landmarks, 3))
    each = [nothing if one.landmarks is None else one.landmarks for one in objects.instances]
    return np.concatenate([np.zeros((0, 3)), *each]).reshape(-1, landmarks, 3)


def _doubled(box: Values) -> Values:
    """(M, 4) boxes grown by their size to each side; COCO's corner lies half a pixel off."""
    corner, size = box[:, :2] + 0.5, box[:, 2:] - box[:, :2]
    return np.concatenate([corner - size, corner + 2 * size], 1)


def _around(low: Values, high: Values, counted: NDArray[np.bool_]) -> Values:
    """(M, 4) hulls of (M, K, 2) points or ranges."""
    kept = counted[..., None]
    return np.concatenate(
        [
            np.min(low, 1, initial=np.inf, where=kept),
            np.max(high, 1, initial=-np.inf, where=kept),
        ],
        1,
    )
