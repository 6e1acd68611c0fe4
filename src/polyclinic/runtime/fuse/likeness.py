"""How alike two instances of one image are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Size
from polyclinic.sample import Instance
from polyclinic.sample.landmark_box import sizeless

UNKNOWN_SIDE = 0.15
"""Side of an object whose size nobody knows, as a share of the image's longer side."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Outlines:
    """Where the N instances of an image lie and how large they are.

    Args:
        box: (N, 4) edges.
        middle: (N, 2) of the seen landmarks; of the box where there are none.
        side: (N,) of the square that stands for an object whose box tells nothing.
        by_distance: (N,) whether landmarks alone have drawn the box, so that it has no size.
        by_either: (N,) whether it has one, but no neighbour that it could be confused with: a
            thin box of landmarks is then compared in both ways.
    """

    box: NDArray[np.float64]
    middle: NDArray[np.float64]
    side: NDArray[np.float64]
    by_distance: NDArray[np.bool_]
    by_either: NDArray[np.bool_]

    @classmethod
    def of(
        cls, instances: Sequence[Instance], size: Size, *, only: Collection[int | None] = ()
    ) -> Self:
        """Those of some instances.

        Args:
            instances: N of one image.
            size: (height, width) of the image.
            only: classes of which the image holds one object, as far as anybody sees.
        """
        box = np.array([one.box for one in instances], float).reshape(-1, 4)
        longest = (box[:, 2:] - box[:, :2]).max(1, initial=0.0)
        unknown = UNKNOWN_SIDE * max(size)
        pointed = [one.landmarks is not None and one.mask is None for one in instances]
        either = [p and one.category in only for p, one in zip(pointed, instances, strict=True)]
        return cls(
            box=box,
            middle=np.array([_middle(one) for one in instances], float).reshape(-1, 2),
            side=np.where(
                longest <= 1, unknown, np.where(either, np.maximum(longest, unknown), longest)
            ),
            by_distance=np.array([sizeless(one) for one in instances], bool),
            by_either=np.array(either, bool),
        )


def likeness(seen: Outlines, row: int, others: NDArray[np.intp]) -> NDArray[np.float64]:
    """(M,) from 0, apart, to 1, the same: of one instance with M others.

    The IoU of the boxes. A box that landmarks alone have drawn has no size, and overlaps nothing
    but itself: both are then squares of one side, moved by the distance d of their middles, whose
    IoU (side - d) / (side + d) reaches one half at a third of the side. That is the longer side
    of the box, or `UNKNOWN_SIDE` of the image's where that has none. Evaluation matches objects
    by the same rule.

    Args:
        seen: of all instances.
        row: of the one.
        others: rows of the others.
    """
    boxes = _iou(seen.box[row], seen.box[others])
    step = seen.middle[others] - seen.middle[row]
    apart, side = np.hypot(step[:, 0], step[:, 1]), seen.side[others]
    moved = np.divide(
        np.maximum(side - apart, 0.0), side + apart, out=np.ones(len(others)), where=apart > 0
    )
    flat = seen.by_distance[others] | seen.by_distance[row]
    either = seen.by_either[others] & seen.by_either[row]
    return np.where(flat, moved, np.where(either, np.maximum(boxes, moved), boxes))


def _middle(one: Instance) -> NDArray[np.float64]:
    if one.landmarks is None or not one.has_visible_landmarks:
        return np.asarray((one.box[:2] + one.box[2:]) / 2)
    given = one.landmarks[one.landmarks[:, 2] > 0, :2]
    return np.asarray((given.min(0) + given.max(0)) / 2)


def _iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M,) IoU of a (4,) box with (M, 4) boxes; 0 where both are empty."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    areas = np.clip(others[:, 2:] - others[:, :2], 0, None).prod(1)
    union = areas + np.clip(box[2:] - box[:2], 0, None).prod() - shared
    iou: NDArray[np.float64] = np.divide(shared, union, out=np.zeros(len(others)), where=union > 0)
    return iou
