"""A file of readings, whoever wrote it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polyclinic.data import Cohort
from polyclinic.data.coco.document import is_coco, read_json
from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.runtime.stored.documents import read_document
from polyclinic.runtime.stored.results import read_results
from polyclinic.runtime.stored.rows import Place, compact, number

FILE = "readings.json"
ACCEPT_RESULTS = 0.5
"""Detectors write every candidate into a results list; most of the low scores are no finds."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Stored:
    """What a file of readings holds.

    Args:
        readings: one an image.
        accept: the score from which on an instance counts as found: `info.accept` of the file;
            else 0.5 for a results list, and 0 for readings, which hold no mere candidates.
    """

    readings: list[Reading]
    accept: float


def read_readings(path: str | Path, cohort: Cohort | None = None) -> list[Reading]:
    """Read what `polyclinic read` wrote, or the results of any detector in COCO's form.

    Args:
        path: `readings.json`, the folder that holds it, a COCO data set with scores, or a COCO
            results list `[{"image_id", "category_id", "bbox", "score", "segmentation"?,
            "keypoints"?}, ...]`.
        cohort: the images that were read. A results list needs it, for names and sizes.

    Returns:
        One reading an image of the file; of a results list one an image of the cohort, for an
        image without a row is one on which nothing was found.

    Raises:
        DataError: the file can't be opened, or a row can't be used; the message names it.
    """
    return read_stored(path, cohort).readings


def read_stored(path: str | Path, cohort: Cohort | None = None) -> Stored:
    """The same with the score from which on instances count; see `read_readings`."""
    path = Path(path)
    file = path / FILE if path.is_dir() else path
    document = read_json(file, compact)
    if isinstance(document, list):
        if cohort is None:
            raise DataError(
                "a list of results says neither names nor sizes of its images",
                expected="the cohort that was read",
                where=str(file),
            )
        return Stored(readings=read_results(document, cohort, str(file)), accept=ACCEPT_RESULTS)
    if not is_coco(document):
        raise DataError(
            "holds no readings",
            expected='what `polyclinic read` writes, or a COCO results list [{"image_id", ...}]',
            where=str(file),
        )
    accept = _accept(document, str(file))
    return Stored(readings=read_document(document, str(file), cohort), accept=accept)


def _accept(document: dict[str, Any], file: str) -> float:
    info = document.get("info")
    accept = number(info, "accept", Place(file, "info")) if isinstance(info, dict) else None
    if accept is not None and not 0 <= accept <= 1:
        Place(file, "info").refuse("accept", accept, "0 to 1")
    return accept or 0.0
