"""Distances between named landmarks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.measure.length import UNKNOWN_SCALE, length
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import Measurement, Reading
from polyclinic.reading.measurement import NOT_NEGATIVE
from polyclinic.sample import Instance

Pair = tuple[str, str]

NOT_FOUND = "object-not-found"
LANDMARK_MISSING = "landmark-missing"
NOT_TAUGHT = "landmark-not-taught"


class DistanceMeasurer(Measurer):
    """Distances between named landmarks, see `measure_distances`."""

    pairs: tuple[Pair, ...]

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """The distances asked for."""
        return measure_distances(reading, self.pairs)


def measure_distances(reading: Reading, pairs: Sequence[Pair]) -> tuple[Measurement, ...]:
    """The distance of each pair of landmarks of each object: `<first>_to_<second>`.

    In mm where the scale is known, else in px, flagged; rows and columns may have different
    scales. An image in which nothing was found has one measurement a pair, with the reason.

    Args:
        reading: without instances (None) or landmarks nothing is measured.
        pairs: names of the schema.

    Raises:
        DataError: the schema has no such landmark.
    """
    if reading.instances is None or reading.landmark_schema is None:
        return ()
    if not reading.instances:
        return tuple(_distance(reading, pair, None, None) for pair in pairs)
    found = enumerate(reading.instances)
    return tuple(_distance(reading, pair, row, one) for row, one in found for pair in pairs)


def distance_name(pair: Pair) -> str:
    """Landmark names joined; spaces become underscores."""
    return "_to_".join("_".join(name.split()) for name in pair)


def _distance(
    reading: Reading, pair: Pair, row: int | None, instance: Instance | None
) -> Measurement:
    assert reading.landmark_schema is not None
    spacing = reading.spacing
    ends = [reading.landmark_schema.index(name) for name in pair]
    value, flags = None, [] if spacing.known else [UNKNOWN_SCALE]
    if instance is None:
        flags = [NOT_FOUND]
    elif untaught := [one for one in pair if one in reading.not_read.get("landmarks", ())]:
        flags = [f"{NOT_TAUGHT}: {', '.join(untaught)}"]
    elif instance.landmarks is None or not (instance.landmarks[ends, 2] > 0).all():
        flags = [LANDMARK_MISSING]
    else:
        line = np.asarray(instance.landmarks[ends, :2], float)
        value = length(line, spacing) / (1000 if spacing.known else 1)
    return Measurement(
        name=distance_name(pair),
        value=value,
        unit="mm" if spacing.known else "px",
        formula=f"straight line from {pair[0]} to {pair[1]}",
        scale_source=spacing.origin,
        instance=row,
        flags=tuple(flags),
        domain=NOT_NEGATIVE,
    )
