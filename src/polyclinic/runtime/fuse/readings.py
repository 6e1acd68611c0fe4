"""What several members read of one image becomes one reading, in whatever order they come."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from polyclinic.errors import DataError
from polyclinic.metrics.doubt import AGREEMENT
from polyclinic.reading import Reading
from polyclinic.runtime.fuse.agreement import agreement
from polyclinic.runtime.fuse.clusters import cluster_instances
from polyclinic.runtime.fuse.instance import (
    fuse_instance,
    fuse_label_maps,
    fuse_pictures,
    mean_by_name,
)
from polyclinic.sample import Instance


def by_content(readings: Sequence[Reading]) -> list[Reading]:
    """Sort readings by a digest of their content.

    Ties between equal scores and the rounding of sums then come out the same in whatever order
    the readings are given. Readings with one digest say the same, so their order is of no matter.
    """
    return sorted(readings, key=_digest)


def _digest(reading: Reading) -> bytes:
    digest = hashlib.sha256()
    for part in _parts(reading):
        digest.update(part)
    return digest.digest()


def _parts(reading: Reading) -> Iterator[bytes]:
    """Everything that fusion looks at."""
    named = (
        sorted((task, sorted(values.items())) for task, values in reading.findings.items()),
        sorted(reading.quality.items()),
        sorted(reading.flags),
        reading.error,
        reading.instances is None,
    )
    yield repr(named).encode()
    for instance in reading.instances or ():
        yield from _instance_parts(instance)
    for name in sorted(reading.label_maps):
        yield name.encode()
        yield np.ascontiguousarray(reading.label_maps[name]).tobytes()
    if reading.restored is not None:
        yield np.ascontiguousarray(reading.restored).tobytes()


def _instance_parts(instance: Instance) -> Iterator[bytes]:
    mask = instance.mask
    place = None if mask is None else (mask.left, mask.top, mask.shape)
    yield repr((instance.category, instance.score, place)).encode()
    if mask is not None:
        yield np.packbits(mask.patch).tobytes()
    for array in (
        instance.box,
        instance.probabilities,
        instance.landmarks,
        instance.landmark_confidence,
    ):
        yield b"-" if array is None else np.ascontiguousarray(array, dtype=float).tobytes()


def fuse_readings(readings: Sequence[Reading], provenance: Mapping[str, Any]) -> Reading:
    """Fuse the readings of one image; in which order they are given does not matter.

    Instances are fused object by object (`cluster_instances`, `fuse_instance`), findings and
    quality are means, label maps go by majority, restored images are means, and a flag stays that
    at least half of the members raise. `quality` gains `agreement` (`agreement`). Measurements
    are not fused: they are to be made anew of what was fused. If one member could not read the
    image, the ensemble has not read it. A member that does not look for objects, or does not
    know a landmark or a value, has no say in it.

    Args:
        readings: one or more, each with the candidates that it should be fused with.
        provenance: of the ensemble.

    Raises:
        DataError: the readings are of different images, classes or landmarks.
    """
    ordered = by_content(readings)
    first = ordered[0]
    _check_alike(ordered)
    unread = next((one for one in ordered if one.error is not None), None)
    if unread is not None:
        return replace(unread, provenance=provenance)
    looking = [one for one in ordered if one.instances is not None]
    clusters = cluster_instances([one.instances or () for one in looking], first.size)
    fused = [fuse_instance(cluster, len(looking)) for cluster in clusters]
    agreed = agreement(ordered, clusters, fused)
    quality = mean_by_name([one.quality for one in ordered])
    return replace(
        first,
        landmark_schema=next(filter(None, (one.landmark_schema for one in ordered)), None),
        instances=None
        if not looking
        else tuple(sorted(fused, key=lambda one: -(one.score or 0.0))),
        label_maps=fuse_label_maps([one.label_maps for one in ordered]),
        findings=_mean_findings(ordered),
        quality=quality if agreed is None else quality | {AGREEMENT: agreed},
        restored=fuse_pictures([one.restored for one in ordered if one.restored is not None]),
        measurements=(),
        flags=_shared_flags(ordered),
        provenance=provenance,
    )


def _mean_findings(readings: Sequence[Reading]) -> dict[str, dict[str, float]]:
    """Mean probability of each value over the readings that state it.

    Where some know more values than others, what they add up to is brought back to 1.
    """
    tasks = dict.fromkeys(task for one in readings for task in one.findings)
    found = {}
    for task in tasks:
        stated = [one.findings[task] for one in readings if task in one.findings]
        means = mean_by_name(stated)
        total = sum(means.values())
        alike = all(one.keys() == means.keys() for one in stated)
        found[task] = means if alike else {value: one / total for value, one in means.items()}
    return found


def _shared_flags(readings: Sequence[Reading]) -> tuple[str, ...]:
    raised = dict.fromkeys(flag for one in readings for flag in one.flags)
    return tuple(
        flag for flag in raised if 2 * sum(flag in one.flags for one in readings) >= len(readings)
    )


def _check_alike(readings: Sequence[Reading]) -> None:
    kinds = {(one.image_id, one.size, one.classes) for one in readings if one.error is None}
    schemas = {one.landmark_schema for one in readings} - {None}
    if len(kinds) > 1 or len(schemas) > 1:
        raise DataError(
            "the readings are of different images, classes or landmarks",
            expected="what several readers said of one image",
            where=str(readings[0].image_id),
        )
