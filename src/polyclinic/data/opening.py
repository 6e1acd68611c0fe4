"""Open a data set, whatever its form."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.coco.document import is_coco, read_json
from polyclinic.data.coco.read import read_coco
from polyclinic.data.cohort import Cohort
from polyclinic.data.folder import read_folder
from polyclinic.errors import DataError


def open_cohort(path: str | Path) -> Cohort:
    """Read annotations; pixels stay on disk until `Cohort.load`.

    Args:
        path: a COCO JSON file, a folder with exactly one of them, a folder of labelme JSON
            files, or a folder of images alone (nothing is annotated then).

    Raises:
        DataError: nothing there can be read, or its structure is broken.
    """
    path = Path(path)
    if path.is_file():
        return read_coco(path)
    if not path.is_dir():
        raise DataError("there is no such file or folder", where=str(path))
    files = [file for file in sorted(path.glob("*.json")) if is_coco(read_json(file))]
    if len(files) > 1:
        raise DataError(
            f"holds {len(files)} COCO files: {', '.join(file.name for file in files[:3])}",
            where=str(path),
            hint="name the file that is meant",
        )
    return read_coco(files[0]) if files else read_folder(path)
