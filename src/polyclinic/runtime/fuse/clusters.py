"""Which instances of several readings are the same object, by how alike they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Self

import numpy as np
from numpy.typing import NDArray

from polyclinic.geometry import Size
from polyclinic.metrics.case import score_of
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


Cluster = dict[int, Instance]
"""What each member that saw an object says of it, by the member's place."""

LEAST_OVERLAP = 0.5


def cluster_instances(members: Sequence[Sequence[Instance]], size: Size) -> list[Cluster]:
    """Gather the instances of several members object by object.

    From the highest score down each instance joins the cluster of its class whose leader it is
    most like (`likeness`), from one half on and if its own member is not in there yet; else it
    leads a cluster of its own. Boxes decide, not masks: thin objects whose masks lie a pixel
    apart are still the same objects.

    Then clusters of different classes become one where nobody saw both and the class is in
    doubt: their leaders are as alike, and all members say how probable each class is, or one of
    the two has no class. So a loop that two members name differently stays one loop, and a cup
    stays apart from the disc that it lies in.

    Source: the clustering of Solovyev, Wang and Gabruseva, "Weighted boxes fusion", Image and
    Vision Computing 107, 2021; with the leader in the place of the running mean, at most one
    instance a member, and the doubtful classes.

    Args:
        members: the instances of each member.
        size: (height, width) of the image.
    """
    rows = [(place, one) for place, instances in enumerate(members) for one in instances]
    rows.sort(key=lambda row: -score_of(row[1]))
    seen = Outlines.of([one for _, one in rows], size, only=_only(members))
    clusters: list[Cluster] = []
    leaders: list[int] = []
    for row, (place, instance) in enumerate(rows):
        overlaps = likeness(seen, row, np.array(leaders, np.intp))
        free = [
            place not in cluster and rows[leader][1].category == instance.category
            for cluster, leader in zip(clusters, leaders, strict=True)
        ]
        overlaps[~np.array(free, bool)] = -1.0
        best = int(overlaps.argmax()) if len(overlaps) else -1
        if best >= 0 and overlaps[best] >= LEAST_OVERLAP:
            clusters[best][place] = instance
        else:
            leaders.append(row)
            clusters.append({place: instance})
    return _joined(clusters, leaders, seen)


def _only(members: Sequence[Sequence[Instance]]) -> set[int | None]:
    """The classes of which no member saw more than one object."""
    often = [Counter(one.category for one in instances) for instances in members]
    return {
        category for counts in often for category in counts if all(n[category] < 2 for n in often)
    }


def _joined(clusters: Sequence[Cluster], leaders: Sequence[int], seen: Outlines) -> list[Cluster]:
    """Clusters of which nobody saw both, and whose class is in doubt, made one; likest first."""
    pairs = [
        (first, second)
        for first, second in combinations(range(len(clusters)), 2)
        if _in_doubt(clusters[first], clusters[second])
    ]
    alike = [
        float(likeness(seen, leaders[second], np.array([leaders[first]]))[0])
        for first, second in pairs
    ]
    homes = list(range(len(clusters)))
    joined = [dict(cluster) for cluster in clusters]
    for row in np.argsort([-one for one in alike], kind="stable").tolist():
        first, second = sorted(homes[place] for place in pairs[row])
        if alike[row] < LEAST_OVERLAP or first == second:
            continue
        if joined[first].keys() & joined[second].keys():
            continue
        joined[first] |= joined[second]
        joined[second] = {}
        homes = [first if home == second else home for home in homes]
    return [cluster for cluster in joined if cluster]


def _in_doubt(first: Cluster, second: Cluster) -> bool:
    if first.keys() & second.keys():
        return False
    named = [{one.category for one in some.values()} for some in (first, second)]
    if None in named[0] | named[1]:
        return True
    everyone = (*first.values(), *second.values())
    return named[0] != named[1] and all(one.probabilities is not None for one in everyone)
