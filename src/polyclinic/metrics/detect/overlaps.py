"""How much found instances share with annotated ones: boxes, masks, or whichever there is.

Of a crowd region and a found instance it is the share of the found instance that lies inside
(COCO's rule), else intersection over union. Source: Lin et al., "Microsoft COCO", ECCV 2014.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import Objects
from polyclinic.metrics.detect.pairs import Pairs
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided
from polyclinic.sample import Mask


class Overlap(Protocol):
    """What G annotated and D found instances share on one kind of annotation."""

    @property
    def true_hull(self) -> Values:
        """(G, 4) what a found hull must touch to share anything."""

    @property
    def found_hull(self) -> Values:
        """(D, 4)."""

    @property
    def found_area(self) -> Values:
        """(D,) by which COCO sorts found instances into small, medium and large."""

    @property
    def uncounted(self) -> NDArray[np.bool_]:
        """(G,) annotated instances that are neither hit nor missed."""

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) overlaps; those under `least` may be given as 0."""


class BoxOverlap:
    """Boxes; x, y, width and height as COCO computes with, to the last bit."""

    def __init__(self, true: Objects, found: Objects) -> None:
        self._true, self._found, self.uncounted = _coco(true.box), _coco(found.box), true.crowd
        self.true_hull, self.found_hull = true.box, found.box
        self.found_area = self._found[:, 2] * self._found[:, 3]

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) overlaps."""
        one, other = self._true[pairs.true], self._found[pairs.found]
        sides = np.minimum(one[:, :2] + one[:, 2:], other[:, :2] + other[:, 2:]) - np.maximum(
            one[:, :2], other[:, :2]
        )
        shared = np.where((sides > 0).all(1), sides[:, 0] * sides[:, 1], 0.0)
        own = other[:, 2] * other[:, 3]
        union = own + one[:, 2] * one[:, 3] - shared
        return _share(shared, np.where(self.uncounted[pairs.true], own, union))


class MaskOverlap:
    """Masks, pixel by pixel; NaN hulls where there is none."""

    def __init__(self, true: Objects, found: Objects) -> None:
        self._true, self._found, self.uncounted = true, found, true.crowd
        self.true_hull, self.found_hull = true.mask_hull, found.mask_hull
        self.found_area = found.mask_area

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) overlaps; only pairs whose frames leave `least` possible are counted out."""
        one, other = self.true_hull[pairs.true], self.found_hull[pairs.found]
        low = np.maximum(one[:, :2], other[:, :2])
        high = np.minimum(one[:, 2:], other[:, 2:])
        area, own = self._true.mask_area[pairs.true], self._found.mask_area[pairs.found]
        most = np.minimum(np.prod(np.maximum(high - low, 0), 1), np.minimum(area, own))
        crowd = self.uncounted[pairs.true]
        possible = _share(most, np.where(crowd, own, area + own - most)) >= least
        shared = np.zeros(len(most))
        shared[possible] = self._counted(pairs.where(possible), low[possible], high[possible])
        return _share(shared, np.where(crowd, own, area + own - shared))

    def _counted(self, pairs: Pairs, low: Values, high: Values) -> list[int]:
        true, found = self._true.masks, self._found.masks
        frames = np.concatenate([low, high], 1).astype(int).tolist()
        return [
            _common(true[t], found[f], *frame)
            for t, f, frame in zip(pairs.true.tolist(), pairs.found.tolist(), frames, strict=True)
        ]


NEAR_SHARE = 0.05
"""How far a find may lie from an object without a size, as a share of the image's longer side."""


class InstanceOverlap:
    """Masks where both instances have one, else boxes, else how near the landmarks are.

    A box that landmarks alone have drawn has no size, and overlaps nothing but itself. Both
    objects are then squares of the annotated size, moved by the distance d of the middles of
    their landmarks: IoU = (side - d) / (side + d), which reaches 1/2 at a third of the side.
    The side is the longer one of the annotated box; where that has none either, it is three
    times `NEAR_SHARE` of the image's longer side.
    """

    def __init__(self, true: Objects, found: Objects) -> None:
        self._box, self._mask = BoxOverlap(true, found), MaskOverlap(true, found)
        self._masked, self.uncounted = (true.has_masks, found.has_masks), true.crowd
        self._objects, self._sizeless = (true, found), (true.sizeless, found.sizeless)
        longest = (true.box[:, 2:] - true.box[:, :2]).max(1, initial=0.0)
        self._side = np.where(longest > 1, longest, 3 * NEAR_SHARE * true.side)
        self.true_hull, self.found_hull = _both(true), _both(found)
        if any(some.any() for some in self._sizeless):
            reach = np.tile(true.anchor, 2) + self._side[:, None] * np.array([-1, -1, 1, 1])
            self.true_hull = _around(self.true_hull, reach)
            self.found_hull = _around(self.found_hull, np.tile(found.anchor, 2))
        self.found_area = np.where(self._masked[1], found.mask_area, found.box_area)

    def of(self, pairs: Pairs, least: float) -> Values:
        """(P,) overlaps."""
        overlap = self._box.of(pairs, least)
        masked = self._masked[0][pairs.true] & self._masked[1][pairs.found]
        overlap[masked] = self._mask.of(pairs.where(masked), least)
        alone = (self._sizeless[0][pairs.true] | self._sizeless[1][pairs.found]) & ~masked
        if alone.any():
            overlap[alone] = self._moved(pairs.where(alone))
        return overlap

    def _moved(self, pairs: Pairs) -> Values:
        true, found = self._objects
        step = true.anchor[pairs.true] - found.anchor[pairs.found]
        apart, side = np.hypot(step[:, 0], step[:, 1]), self._side[pairs.true]
        return np.where(apart == 0, 1.0, _share(np.maximum(side - apart, 0), side + apart))


def _common(one: Mask | None, other: Mask | None, x1: int, y1: int, x2: int, y2: int) -> int:
    """Number of pixels of a frame that are set in both masks."""
    if one is None or other is None:
        return 0
    mine = one.patch[y1 - one.top : y2 - one.top, x1 - one.left : x2 - one.left]
    theirs = other.patch[y1 - other.top : y2 - other.top, x1 - other.left : x2 - other.left]
    return int(np.count_nonzero(mine & theirs))


def _coco(box: Values) -> Values:
    return np.concatenate([box[:, :2] + 0.5, box[:, 2:] - box[:, :2]], 1)


def _both(objects: Objects) -> Values:
    """(M, 4) around box and mask, in the frame of boxes."""
    return _around(objects.box, objects.mask_hull - 0.5)


def _around(one: Values, other: Values) -> Values:
    """(M, 4) around two boxes each."""
    low = np.fmin(one[:, :2], other[:, :2])
    return np.concatenate([low, np.fmax(one[:, 2:], other[:, 2:])], 1)


def _share(part: Values, whole: Values) -> Values:
    return np.nan_to_num(divided(part, whole), nan=0.0)
