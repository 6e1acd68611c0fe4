"""Which instances of several readings are the same object."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from polyclinic.geometry import Size
from polyclinic.metrics.case import score_of
from polyclinic.runtime.fuse.likeness import Outlines, likeness
from polyclinic.sample import Instance

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
