"""Which instances of several readings are the same object."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import score_of
from polyclinic.sample import Instance

Cluster = dict[int, Instance]
"""What each member that saw an object says of it, by the member's place."""

LEAST_OVERLAP = 0.5


def cluster_instances(members: Sequence[Sequence[Instance]]) -> list[Cluster]:
    """Gather the instances of several members object by object, without regard to class.

    From the highest score down each instance joins the cluster whose leader its box overlaps
    most, if the IoU reaches one half and its own member is not in there yet; else it leads a
    cluster of its own. Boxes decide, not masks: thin objects whose masks lie a pixel apart are
    still the same objects.

    Source: the clustering of Solovyev, Wang and Gabruseva, "Weighted boxes fusion", Image and
    Vision Computing 107, 2021; with the leader in the place of the running mean, and at most one
    instance a member.

    Args:
        members: the instances of each member.
    """
    rows = [(place, one) for place, instances in enumerate(members) for one in instances]
    rows.sort(key=lambda row: -score_of(row[1]))
    clusters: list[Cluster] = []
    leaders = np.empty((len(rows), 4))
    for place, instance in rows:
        overlaps = _iou(instance.box, leaders[: len(clusters)])
        taken = np.array([place in cluster for cluster in clusters], bool)
        overlaps[taken] = -1.0
        best = int(overlaps.argmax()) if len(overlaps) else -1
        if best >= 0 and overlaps[best] >= LEAST_OVERLAP:
            clusters[best][place] = instance
        else:
            leaders[len(clusters)] = instance.box
            clusters.append({place: instance})
    return clusters


def _iou(box: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """(M,) IoU of a (4,) box with (M, 4) boxes; 0 where both are empty."""
    low = np.maximum(box[:2], others[:, :2])
    high = np.minimum(box[2:], others[:, 2:])
    shared = np.clip(high - low, 0, None).prod(1)
    areas = np.clip(others[:, 2:] - others[:, :2], 0, None).prod(1)
    union = areas + np.clip(box[2:] - box[:2], 0, None).prod() - shared
    iou: NDArray[np.float64] = np.divide(shared, union, out=np.zeros(len(others)), where=union > 0)
    return iou
