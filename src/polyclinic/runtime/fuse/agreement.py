"""How far the members of an ensemble agree on an image."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from polyclinic.geometry import Size
from polyclinic.reading import Reading
from polyclinic.runtime.fuse.clusters import Cluster, Outlines, likeness
from polyclinic.runtime.fuse.instance import LabelMap
from polyclinic.sample import Instance


def agreement(
    readings: Sequence[Reading], clusters: Sequence[Cluster], fused: Sequence[Instance]
) -> float | None:
    """The agreement on that kind of content on which the members agree least, 0 to 1.

    It is the minimum over kinds, since nobody should trust a diagnosis because the outlines
    agree. None when the members say nothing that could be compared, or there is one alone.

    Args:
        readings: of one image, one a member.
        clusters: their instances, object by object.
        fused: the instance made of each cluster.
    """
    if len(readings) < 2:
        return None
    kinds = []
    looking = sum(one.instances is not None for one in readings)
    if looking > 1:
        kinds.append(instance_agreement(clusters, fused, looking, readings[0].size))
    for maps in _said_by_all([one.label_maps for one in readings]):
        kinds.append(_mean_over_pairs(maps, _map_iou))
    for findings in _said_by_all([one.findings for one in readings]):
        kinds.append(_mean_over_pairs(findings, _finding_agreement))
    return min(kinds, default=None)


def instance_agreement(
    clusters: Sequence[Cluster], fused: Sequence[Instance], members: int, size: Size
) -> float:
    """Mean IoU over all pairs of members, weighted by the score of each fused instance.

    A member that does not see an object shares nothing with the others. 1 when nobody finds
    anything. Masks are compared, or what made them one object where either has no mask.
    """
    if not clusters:
        return 1.0
    pairs = members * (members - 1) / 2
    often = Counter(one.category for one in fused)
    once = {category for category, number in often.items() if number == 1}
    shared = [_shared(list(cluster.values()), size, once) / pairs for cluster in clusters]
    scores = np.array([one.score or 0.0 for one in fused])
    return float(np.average(shared, weights=scores if scores.sum() > 0 else None))


def _shared(found: Sequence[Instance], size: Size, once: Collection[int | None]) -> float:
    """Sum of the IoU over the pairs of those that saw an object."""
    seen = Outlines.of(found, size, only=once)
    total = 0.0
    for row, other in combinations(range(len(found)), 2):
        one, two = found[row].mask, found[other].mask
        alike = likeness(seen, row, np.array([other]))[0]
        total += float(alike) if one is None or two is None else one.iou(two)
    return total


def _said_by_all(named: Sequence[Mapping[str, Any]]) -> Iterator[list[Any]]:
    """The values of each name that every member gives, one a member."""
    for name in named[0]:
        if all(name in one for one in named):
            yield [one[name] for one in named]


def _mean_over_pairs(values: Sequence[Any], alike: Callable[[Any, Any], float]) -> float:
    return float(np.mean([alike(one, other) for one, other in combinations(values, 2)]))


def _map_iou(first: LabelMap, second: LabelMap) -> float:
    """Mean IoU over the labels that either map holds."""
    labels = np.union1d(first, second)
    return float(
        np.mean(
            [
                np.count_nonzero((first == label) & (second == label))
                / np.count_nonzero((first == label) | (second == label))
                for label in labels
            ]
        )
    )


def _finding_agreement(first: Mapping[str, float], second: Mapping[str, float]) -> float:
    """1 - the largest difference between the probabilities of one value."""
    values = first.keys() | second.keys()
    return 1 - max((abs(first.get(v, 0.0) - second.get(v, 0.0)) for v in values), default=0.0)
