"""`readings.json` from the records of chunks, byte by byte as `write_coco` writes it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO, Any

from polyclinic.atomic import replacing
from polyclinic.reading.coco import Row, common_values, info_row, patient_row, the_one
from polyclinic.runtime.engines.record import Record
from polyclinic.runtime.stream.patients import Stated
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.category_rows import category_rows


def json_text(value: Any) -> str:
    """As `write_json` writes it."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


class Growing:
    """Text, or the rows of a JSON list.

    Args:
        file: is begun anew.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.empty = True
        file.write_bytes(b"")

    def add(self, text: str) -> None:
        """Append text as it is."""
        with self.file.open("a", encoding="utf-8", newline="") as stream:
            stream.write(text)
        self.empty = self.empty and not text

    def add_rows(self, rows: Iterable[Any]) -> None:
        """Append rows to a list that is written without its brackets."""
        texts = [json_text(row) for row in rows]
        if texts:
            self.add(("" if self.empty else ", ") + ", ".join(texts))

    def copy_to(self, stream: IO[str]) -> None:
        """Append all of it to a file that is being written."""
        with self.file.open(encoding="utf-8", newline="") as grown:
            shutil.copyfileobj(grown, stream, 2**20)


class Document:
    """Collects rows on disk, and what they share in memory.

    Args:
        scratch: a folder for the rows.
    """

    def __init__(self, scratch: Path) -> None:
        self._images = Growing(scratch / "images.part")
        self._annotations = Growing(scratch / "annotations.part")
        self._patients = Growing(scratch / "patients.part")
        self._numbered = 0
        self._classes: set[tuple[str, ...]] = set()
        self._schemas: set[LandmarkSchema] = set()
        self._provenance: Row | None = None

    def add(self, record: Record) -> None:
        """Take in the next chunk."""
        self._images.add_rows(record.images)
        self._annotations.add_rows(
            row | {"id": row["id"] + self._numbered} for row in record.annotations
        )
        self._numbered += len(record.annotations)
        if record.classes:
            self._classes.add(tuple(record.classes))
        if record.schema is not None:
            self._schemas.add(LandmarkSchema.from_json(record.schema))
        made = [one for one in (self._provenance, record.provenance) if one is not None]
        self._provenance = common_values(made) if made else None

    def add_patients(self, patients: Sequence[Stated]) -> None:
        """Take in what is said of patients, when all chunks are there."""
        self._patients.add_rows(
            patient_row(one.patient, one.images, one.findings) for one in patients
        )

    def write(self, out: Path) -> list[Path]:
        """Write the file; returns its path.

        Raises:
            DataError: chunks have different classes or landmarks.
        """
        path = out / "readings.json"
        classes, schema = the_one(self._classes, "classes"), the_one(self._schemas, "landmarks")
        with replacing(path) as part, part.open("w", encoding="utf-8", newline="") as stream:
            stream.write(f'{{"info": {json_text(info_row(self._provenance))}, "images": [')
            self._images.copy_to(stream)
            stream.write('], "annotations": [')
            self._annotations.copy_to(stream)
            stream.write(f'], "categories": {json_text(category_rows(classes or (), schema))}')
            if not self._patients.empty:
                stream.write(', "patients": [')
                self._patients.copy_to(stream)
                stream.write("]")
            stream.write("}")
        return [path]
