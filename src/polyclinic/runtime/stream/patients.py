"""Findings of images, put together by patient on disk."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from polyclinic.reading.coco import Row
from polyclinic.reading.pooled_findings import Findings


@dataclass(frozen=True, kw_only=True)
class Stated:
    """What was read of the images of one patient.

    Args:
        patient: the person.
        images: ids of those that state findings.
        findings: of each of them.
    """

    patient: str
    images: list[int | str]
    findings: list[Findings]


class PatientFindings:
    """As `readings_by_patient`, for more images than memory holds."""

    def __init__(self, table: sqlite3.Connection) -> None:
        self._table = table
        table.execute("CREATE TABLE stated (patient TEXT, image TEXT, findings TEXT)")
        table.execute("CREATE INDEX of_patient ON stated (patient)")

    def add(self, images: Iterable[Row]) -> None:
        """Take in image rows; those without findings or patient are left out."""
        self._table.executemany(
            "INSERT INTO stated VALUES (?, ?, ?)",
            (
                (row["patient_id"], json.dumps(row["id"]), json.dumps(row["findings"]))
                for row in images
                if row.get("findings") and "patient_id" in row
            ),
        )

    def __iter__(self) -> Iterator[Stated]:
        """Patients in the order of their first images, each with its images in order."""
        firsts = "SELECT patient FROM stated GROUP BY patient ORDER BY MIN(rowid)"
        for (patient,) in self._table.execute(firsts):
            rows = self._table.execute(
                "SELECT image, findings FROM stated WHERE patient = ? ORDER BY rowid", (patient,)
            ).fetchall()
            yield Stated(
                patient=patient,
                images=[json.loads(image) for image, _ in rows],
                findings=[json.loads(findings) for _, findings in rows],
            )


@contextmanager
def patient_findings(file: Path) -> Iterator[PatientFindings]:
    """A table in a file that is there while the block runs."""
    file.unlink(missing_ok=True)
    table = sqlite3.connect(file)
    try:
        # Nobody else reads it, and it is made again after a crash.
        table.execute("PRAGMA journal_mode = OFF")
        table.execute("PRAGMA synchronous = OFF")
        yield PatientFindings(table)
    finally:
        table.close()
        file.unlink()
