"""The instances of some cases as arrays, a block of cases at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, found, instance_cases
from polyclinic.metrics.figure import Values
from polyclinic.sample import Instance, Mask
from polyclinic.sample.landmark_box import sizeless

Kind = Literal["box", "mask", "landmarks"]


def complete(case: Case, kind: Kind) -> bool:
    """Whether all annotated instances have the kind; landmarks may be absent from some.

    A box that landmarks alone have drawn is none, and their similarity needs a size.
    """
    if kind == "mask":
        return all(one.mask is not None for one in annotated(case))
    return not any(sizeless(one) for one in annotated(case))


def complete_rows(cases: Sequence[Case], kind: Kind) -> Rows:
    """The numbers of the cases that are judged on a kind: annotated with it, and looked at."""
    rows = looked_rows(cases)
    return rows[np.array([complete(cases[row], kind) for row in rows.tolist()], bool)]


def looked_rows(cases: Sequence[Case]) -> Rows:
    """The numbers of the cases in which instances were both annotated and looked for."""
    looked_at = {id(case) for case in instance_cases(cases)}
    return np.array([row for row, case in enumerate(cases) if id(case) in looked_at], np.intp)


def having(objects: Objects, kind: Kind) -> NDArray[np.bool_]:
    """(M,) whether each instance has the kind."""
    if kind == "box":
        return np.ones(len(objects), bool)
    return objects.has_masks if kind == "mask" else objects.has_landmarks


BOX_FILL = 0.53
"""Mean share of a box that its object fills, for where no mask says it.

As faster-coco-eval has it for CrowdPose.
"""

AREAS = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""COCO's ranges in square pixels, both ends included."""


def annotated_area(true: Objects) -> Values:
    """(G,) pixels of the mask, or 0.53 of the box where there is none."""
    return np.where(np.isnan(true.mask_area), BOX_FILL * true.box_area, true.mask_area)


def outside(area: Values) -> NDArray[np.bool_]:
    """(A, M) whether each area lies outside each range."""
    low, high = np.array(list(AREAS.values())).T[..., None]
    beyond: NDArray[np.bool_] = (area < low) | (area > high)
    return beyond


Rows = NDArray[np.intp]

_PAIRS_AT_ONCE = 200_000


@dataclass(frozen=True, eq=False)
class Objects:
    """M instances, one row each.

    Args:
        instances: M of them.
        case: (M,) the number of each one's case.
        side: (M,) longer side of each one's image in pixels.
    """

    instances: Sequence[Instance]
    case: Rows
    side: Values

    def __len__(self) -> int:
        """M."""
        return len(self.instances)

    def where(self, kept: NDArray[np.bool_]) -> Objects:
        """Some of them."""
        if kept.all():
            return self
        chosen = [self.instances[row] for row in np.flatnonzero(kept).tolist()]
        return Objects(chosen, self.case[kept], self.side[kept])

    @cached_property
    def category(self) -> Rows:
        """(M,) class; an instance without one counts as of the first class."""
        return np.array([one.category or 0 for one in self.instances], np.intp)

    @cached_property
    def named(self) -> Rows:
        """(M,) class; -1 for an instance without one."""
        none = -1
        return np.array([none if (c := one.category) is None else c for one in self.instances], int)

    @cached_property
    def sizeless(self) -> NDArray[np.bool_]:
        """(M,) whether nobody drew a size, see `polyclinic.sample.landmark_box`."""
        return np.array([sizeless(one) for one in self.instances], bool)

    @cached_property
    def anchor(self) -> Values:
        """(M, 2) the middle of the given landmarks; of the box where there are none."""
        return np.array([_anchor(one) for one in self.instances], float).reshape(-1, 2)

    @cached_property
    def score(self) -> Values:
        """(M,) confidence; 1 without a score, as `score_of` has it."""
        scores = [one.score for one in self.instances]
        return np.array([1.0 if score is None else score for score in scores], float)

    @cached_property
    def crowd(self) -> NDArray[np.bool_]:
        """(M,) regions of uncounted objects."""
        return np.array([one.crowd for one in self.instances], bool)

    @cached_property
    def has_masks(self) -> NDArray[np.bool_]:
        """(M,) whether a mask is given."""
        return np.array([one.mask is not None for one in self.instances], bool)

    @cached_property
    def has_landmarks(self) -> NDArray[np.bool_]:
        """(M,) whether landmarks are given."""
        return np.array([one.landmarks is not None for one in self.instances], bool)

    def points(self, landmarks: int) -> Values:
        """(M, K, 3) x, y, visibility; zeros for an instance without landmarks."""
        nothing = np.zeros((landmarks, 3))
        each = [nothing if one.landmarks is None else one.landmarks for one in self.instances]
        return np.array(each, float).reshape(-1, landmarks, 3)

    @cached_property
    def box(self) -> Values:
        """(M, 4) x1, y1, x2, y2."""
        return np.concatenate([np.zeros(0), *[one.box for one in self.instances]]).reshape(-1, 4)

    @cached_property
    def masks(self) -> list[Mask | None]:
        """M masks, where there are any."""
        return [one.mask for one in self.instances]

    @cached_property
    def mask_area(self) -> Values:
        """(M,) pixels; NaN without a mask."""
        return np.array([np.nan if one is None else one.area for one in self.masks], float)

    @cached_property
    def mask_hull(self) -> Values:
        """(M, 4) edges of the patch x1, y1, x2, y2, counted from 0; NaN without a mask."""
        nothing = (np.nan,) * 4
        return np.array(
            [nothing if one is None else _edges(one) for one in self.masks], float
        ).reshape(-1, 4)

    @cached_property
    def box_area(self) -> Values:
        """(M,) square pixels."""
        return (self.box[:, 2] - self.box[:, 0]) * (self.box[:, 3] - self.box[:, 1])


def _anchor(one: Instance) -> Values:
    if one.landmarks is None or not one.has_visible_landmarks:
        return (one.box[:2] + one.box[2:]) / 2
    given = one.landmarks[one.landmarks[:, 2] > 0, :2]
    return np.asarray((given.min(0) + given.max(0)) / 2)


def _edges(mask: Mask) -> tuple[int, int, int, int]:
    height, width = mask.shape
    return mask.left, mask.top, mask.left + width, mask.top + height


def objects_of(
    cases: Sequence[Case], numbers: Rows, take: Callable[[Case], Iterable[Instance]]
) -> Objects:
    """The instances of cases with the given numbers."""
    each = [list(take(case)) for case in cases]
    counts = np.array([len(some) for some in each], np.intp)
    side = np.array([max(sample.size) for sample, _ in cases], float)
    every = [one for some in each for one in some]
    return Objects(every, np.repeat(numbers, counts), np.repeat(side, counts))


def blocks(cases: Sequence[Case]) -> Iterator[range]:
    """Ranges of neighbouring cases whose pairs of instances fit in little memory; at least one."""
    start, held = 0, 0
    for row, case in enumerate(cases):
        pairs = (len(annotated(case)) + 1) * (len(found(case)) + 1)
        if row > start and held + pairs > _PAIRS_AT_ONCE:
            yield range(start, row)
            start, held = row, 0
        held += pairs
    yield range(start, len(cases))
