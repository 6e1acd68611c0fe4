"""The outputs of a read from the records of its chunks, one chunk in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.names import NOT_WRITTEN
from polyclinic.runtime.stream.document import Document
from polyclinic.runtime.stream.patients import PatientFindings, Stated, patient_findings
from polyclinic.runtime.stream.tables import Tables

MOST_ERRORS = 20
"""Messages that are kept; the others stand in the outputs."""
_PATIENTS_AT_A_TIME = 256


@dataclass(kw_only=True)
class Assembled:
    """What stands in the outputs.

    Args:
        images: how many there are.
        unread: how many of them could not be read.
        errors: why, of the first ones.
        restored: how many were written restored.
        not_written: how many lack a picture that could not be written.
        written: the files.
    """

    images: int = 0
    unread: int = 0
    errors: list[str] = field(default_factory=list)
    restored: int = 0
    not_written: int = 0
    written: list[Path] = field(default_factory=list)

    def count(self, record: Record) -> None:
        """Take in the next chunk."""
        errors = [str(row["error"]) for row in record.images if "error" in row]
        self.images += len(record.images)
        self.unread += len(errors)
        self.errors += errors[: MOST_ERRORS - len(self.errors)]
        self.restored += record.restored
        self.not_written += sum(NOT_WRITTEN in row.get("provenance", {}) for row in record.images)


def assemble(
    records: Iterable[Record], out: Path, formats: frozenset[str], *, scratch: Path
) -> Assembled:
    """Write `readings.json` (coco) and the tables (csv) as `write_readings` does of all readings.

    Args:
        records: of all chunks, in order.
        out: where to write.
        formats: what to write.
        scratch: a folder on the same disk, for what grows meanwhile.

    Raises:
        DataError: the chunks are of different readers.
    """
    outputs: list[Document | Tables] = []
    outputs += [Document(scratch)] if "coco" in formats else []
    outputs += [Tables(scratch)] if "csv" in formats else []
    done = Assembled()
    with patient_findings(scratch / "patients.sqlite") as patients:
        for record in records:
            done.count(record)
            patients.add(record.images)
            for output in outputs:
                output.add(record)
        for some in _batches(patients):
            for output in outputs:
                output.add_patients(some)
    done.written = [path for output in outputs for path in output.write(out)]
    return done


def _batches(patients: PatientFindings) -> Iterator[list[Stated]]:
    every = iter(patients)
    while some := list(islice(every, _PATIENTS_AT_A_TIME)):
        yield some
