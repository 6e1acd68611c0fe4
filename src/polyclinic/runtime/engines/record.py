"""What a chunk leaves of its readings: the rows that the outputs will hold, and no more."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from polyclinic.reading import Reading
from polyclinic.reading.coco import (
    Row,
    annotation_rows,
    image_row,
    shared_classes,
    shared_provenance,
    shared_schema,
)
from polyclinic.reading.csv_cells import csv_text
from polyclinic.reading.finding_table import finding_table, quality_table
from polyclinic.reading.table import measurement_table

TABLES = {
    "measurements.csv": measurement_table,
    "findings.csv": finding_table,
    "quality.csv": quality_table,
}
"""Tables with rows of single images, in the order in which they are written."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Record:
    """Rows of the images of a chunk.

    Args:
        images: COCO rows.
        annotations: COCO rows, numbered from 1; empty where no `readings.json` is wanted.
        classes: their names; none where nothing could be read.
        schema: fields of the landmark schema; None where no landmarks were read.
        provenance: what the readings have in common of where they come from; None where nothing
            could be read.
        tables: lines of each table by its file name, without the heading; none where no tables
            are wanted.
        restored: how many images were written restored.
    """

    images: list[Row]
    annotations: list[Row]
    classes: Sequence[str]
    schema: Mapping[str, Any] | None
    provenance: Mapping[str, Any] | None
    tables: Mapping[str, str]
    restored: int

    @classmethod
    def of(cls, readings: Sequence[Reading], formats: frozenset[str], *, restored: int) -> Self:
        """Make the rows of readings.

        Raises:
            DataError: readings have different classes or landmarks.
        """
        schema = shared_schema(readings)
        return cls(
            images=[image_row(reading) for reading in readings],
            annotations=annotation_rows(readings) if "coco" in formats else [],
            classes=shared_classes(readings),
            schema=None if schema is None else asdict(schema),
            provenance=shared_provenance(readings),
            tables={
                name: csv_text(table(readings), header=False)
                for name, table in (TABLES if "csv" in formats else {}).items()
            },
            restored=restored,
        )

    def packed(self) -> bytes:
        """As strict JSON: numbers come back as they are."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return json.dumps(values, ensure_ascii=False, allow_nan=False).encode()

    @classmethod
    def unpacked(cls, packed: bytes) -> Self:
        """What `packed` gave.

        Raises:
            ValueError: it did not.
        """
        try:
            return cls(**json.loads(packed))
        except TypeError as error:
            raise ValueError(str(error)) from error
