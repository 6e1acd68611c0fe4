"""Open a data set, whatever its form."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.coco.document import is_coco, read_json
from polyclinic.data.coco.read import read_coco
from polyclinic.data.cohort import Cohort
from polyclinic.data.folder import read_folder
from polyclinic.data.labelme.read import labelme_documents, read_labelme
from polyclinic.data.mask_folder.read import is_mask_folder, read_mask_folder
from polyclinic.data.tables.kinds import read_table
from polyclinic.data.tables.read import is_table
from polyclinic.errors import DataError


def open_cohort(path: str | Path) -> Cohort:
    """Read annotations; pixels stay on disk until `Cohort.load`.

    Args:
        path: a COCO JSON file, a folder with exactly one of them, a CSV table (ours,
            VIA's or KNEEL's), a folder of labelme JSON files, a folder with `images` beside
            `masks` or `raters`, or a folder of images alone (nothing is annotated then).

    Raises:
        DataError: nothing there can be read, or its structure is broken.
    """
    path = Path(path)
    if is_table(path):
        return read_table(path)
    annotations = coco_file(path)
    if annotations is not None:
        return read_coco(annotations)
    drawn = labelme_documents(path)
    if drawn:
        return read_labelme(path, drawn)
    return read_mask_folder(path) if is_mask_folder(path) else read_folder(path)


def coco_file(path: Path) -> Path | None:
    """The COCO file that a path means; None for a folder without one.

    Raises:
        DataError: there is nothing at the path, or several COCO files.
    """
    if path.is_file():
        return path
    if not path.is_dir():
        raise DataError("there is no such file or folder", where=str(path))
    files = [file for file in sorted(path.glob("*.json")) if is_coco(read_json(file))]
    if len(files) > 1:
        raise DataError(
            f"holds {len(files)} COCO files: {', '.join(file.name for file in files[:3])}",
            where=str(path),
            hint="name the file that is meant",
        )
    return files[0] if files else None
