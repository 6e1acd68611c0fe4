"""The CSV tables from the records of chunks, byte by byte as they are written of all readings."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from polyclinic.atomic import replacing
from polyclinic.reading.csv_cells import csv_text
from polyclinic.reading.finding_table import FINDINGS, PATIENTS, QUALITY, pooled_table
from polyclinic.reading.table import COLUMNS
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.stream.document import Growing
from polyclinic.runtime.stream.patients import Stated

MEASUREMENTS = "measurements.csv"
_HEADINGS = {
    MEASUREMENTS: COLUMNS,
    "findings.csv": FINDINGS,
    "patients.csv": PATIENTS,
    "quality.csv": QUALITY,
}
_KEYS = {"findings.csv": "findings", "quality.csv": "quality"}
"""A table is written where the row of an image has this key."""


class Tables:
    """Collects lines on disk.

    Args:
        scratch: a folder for the lines.
    """

    def __init__(self, scratch: Path) -> None:
        self._lines = {name: Growing(scratch / f"{name}.part") for name in _HEADINGS}
        self._held = {MEASUREMENTS}
        for name, columns in _HEADINGS.items():
            self._lines[name].add(",".join(columns) + "\n")

    def add(self, record: Record) -> None:
        """Take in the next chunk."""
        for name, lines in record.tables.items():
            self._lines[name].add(lines)
        for name, key in _KEYS.items():
            if any(row.get(key) for row in record.images):
                self._held.add(name)

    def add_patients(self, patients: Sequence[Stated]) -> None:
        """Take in what is said of patients, when all chunks are there."""
        table = pooled_table((one.patient, one.findings) for one in patients)
        self._lines["patients.csv"].add(csv_text(table, header=False))
        self._held.add("patients.csv")

    def write(self, out: Path) -> list[Path]:
        """Put the tables that hold anything in their place; returns their paths."""
        written = [out / name for name in _HEADINGS if name in self._held]
        for path in written:
            with replacing(path) as part:
                self._lines[path.name].file.rename(part)
        return written
