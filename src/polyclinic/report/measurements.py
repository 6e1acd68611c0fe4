"""What was measured, in one row a quantity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import numpy as np

from polyclinic.reading import Measurement, Reading
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.contents import Cell, Table


def measurement_summary(readings: Iterable[Reading]) -> Table:
    """Median and spread of every quantity, how often it could not be made, and the usual flag."""
    groups: dict[tuple[str, str], list[Measurement]] = {}
    for reading in readings:
        for one in reading.measurements:
            groups.setdefault((one.name, one.unit), []).append(one)
    rows = tuple(_row(name, unit, group) for (name, unit), group in groups.items())
    return Table(
        title="",
        columns=("quantity", "unit", "made", "not made", "median", "quartiles", "usual flag"),
        rows=rows,
        note="Every single value, with its flags, is in measurements.csv.",
    )


def _row(name: str, unit: str, group: list[Measurement]) -> tuple[Cell, ...]:
    values = [one.value for one in group if one.value is not None]
    quartiles: list[float] = np.percentile(values, [25, 50, 75]).tolist() if values else []
    flags = Counter(flag for one in group for flag in one.flags)
    ((flag, times),) = flags.most_common(1) or (("", 0),)
    return (
        name,
        shown_unit(unit),
        len(values),
        len(group) - len(values),
        quartiles[1] if values else None,
        (quartiles[0], quartiles[2]) if values else None,
        f"{flag} ({times})" if flag else "",
    )
