"""Measurements as a table: the one that `measurements.csv` holds."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from polyclinic.atomic import write_text
from polyclinic.reading.csv_cells import csv_text
from polyclinic.reading.measurement import Measurement
from polyclinic.reading.reading import Reading

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (
    "image",
    "patient_id",
    "instance",
    "class",
    "name",
    "value",
    "unit",
    "lower",
    "upper",
    "scale_source",
    "flag",
)
_TYPES = {"instance": "Int64", "value": "float64", "lower": "float64", "upper": "float64"}


def measurement_table(readings: Iterable[Reading]) -> pd.DataFrame:
    """One row a measurement, in the order of the readings and of their measurements.

    An image that could not be read keeps one row without a name, flagged `error: why`; so does
    one that was flagged and gave no measurement. Flags of the image stand behind those of the
    measurement, each once; flags are joined by `;`.

    Returns:
        A frame with the columns `COLUMNS`. `image` is the file, or the id where no file is known.
    """
    import pandas as pd

    rows = [row for reading in readings for row in _rows(reading)]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(_TYPES)


def write_measurements(readings: Iterable[Reading], path: str | Path) -> Path:
    """Write the table as CSV (UTF-8) and return its path; a reader never sees half a file."""
    return write_text(csv_text(measurement_table(readings)), Path(path))


def _rows(reading: Reading) -> list[dict[str, Any]]:
    image = {"image": reading.file or str(reading.image_id), "patient_id": reading.patient_id}
    if reading.error is not None:
        return [image | {"name": "", "flag": joined_flags((f"error: {reading.error}",))}]
    if not reading.measurements and reading.flags:
        return [image | {"name": "", "flag": joined_flags(reading.flags)}]
    return [
        image
        | {
            "instance": one.instance,
            "class": _class(reading, one),
            "name": one.name,
            "value": one.value,
            "unit": one.unit,
            "lower": one.lower,
            "upper": one.upper,
            "scale_source": one.scale_source,
            "flag": joined_flags((*one.flags, *reading.flags)),
        }
        for one in reading.measurements
    ]


def _class(reading: Reading, measurement: Measurement) -> str | None:
    """Of the object that was measured, such as the side of a knee; None of a whole image."""
    if measurement.instance is None or not reading.classes:
        return None
    return reading.class_name((reading.instances or ())[measurement.instance])


def joined_flags(flags: tuple[str, ...]) -> str:
    """Flags in one cell, each once; a `;` inside a message would look like two flags."""
    cells = (" ".join(flag.replace(";", ",").split()) for flag in flags)
    return ";".join(dict.fromkeys(cells))
