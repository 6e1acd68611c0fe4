"""A file of readings, whoever wrote it."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data import Cohort
from polyclinic.data.coco.document import is_coco, read_json
from polyclinic.errors import DataError
from polyclinic.reading import Reading
from polyclinic.runtime.stored.compact import compact
from polyclinic.runtime.stored.documents import read_document
from polyclinic.runtime.stored.results import read_results

FILE = "readings.json"


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
        return read_results(document, cohort, str(file))
    if not is_coco(document):
        raise DataError(
            "holds no readings",
            expected='what `polyclinic read` writes, or a COCO results list [{"image_id", ...}]',
            where=str(file),
        )
    return read_document(document, str(file), cohort)
