"""An order of readings that depends on what they say alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from polyclinic.reading import Reading
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
