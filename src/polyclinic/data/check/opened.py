"""Open what can be opened of a data set, and name what can't."""

from __future__ import annotations

from pathlib import Path

from polyclinic.data.coco.document import Row, named_row, read_json, rows
from polyclinic.data.coco.read import cohort_of, image_file, missing_images
from polyclinic.data.coco.structure import structure_findings
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place
from polyclinic.data.folder import image_files, image_sample
from polyclinic.data.images import image_size
from polyclinic.data.labelme.read import labelme_documents, read_labelme
from polyclinic.data.mask_folder.read import is_mask_folder, open_mask_folder
from polyclinic.data.opening import coco_file
from polyclinic.data.tables.kinds import open_any_table
from polyclinic.data.tables.locate import exists
from polyclinic.data.tables.read import is_table
from polyclinic.errors import DataError, ImageError


def open_leniently(path: Path) -> tuple[Cohort | None, list[Finding]]:
    """The cohort without its missing and unreadable images; None where nothing can be trusted."""
    try:
        if is_table(path):
            return _with_faults(*open_any_table(path))
        annotations = coco_file(path)
        if annotations is not None:
            return _open_coco(annotations)
        drawn = labelme_documents(path)
        if not drawn and is_mask_folder(path):
            return _with_faults(*open_mask_folder(path))
        if not drawn:
            return _open_images(path)
        cohort = read_labelme(path, drawn)
    except DataError as error:
        return None, [_finding(error, Place(error.where or str(path)))]
    return cohort, list(cohort.skipped)


def _finding(error: DataError, place: Place) -> Finding:
    return place.error(error.what, error.expected, error.hint)


def _with_faults(cohort: Cohort, faults: list[Finding]) -> tuple[Cohort | None, list[Finding]]:
    return (cohort if len(cohort) else None), [*faults, *cohort.skipped]


def _open_images(folder: Path) -> tuple[Cohort | None, list[Finding]]:
    samples, findings = [], []
    for file in image_files(folder):
        try:
            samples.append(image_sample(file, folder))
        except ImageError as error:
            findings.append(_finding(error, Place(str(file))))
    if not samples:
        return None, findings or [Place(str(folder)).error("holds no annotations and no images")]
    return Cohort(samples=tuple(samples), name=folder.name), findings


def _open_coco(path: Path) -> tuple[Cohort | None, list[Finding]]:
    document = read_json(path)
    broken = structure_findings(document, str(path))
    if broken:
        return None, broken
    present, findings = _present_images(document, path)
    findings += missing_images(document, path)
    cohort = cohort_of(document | {"images": present}, path)
    return cohort, [*findings, *cohort.skipped]


def _present_images(document: Row, path: Path) -> tuple[list[Row], list[Finding]]:
    """Image rows whose file is there and whose size can be told."""
    present, findings = [], []
    for index, row in enumerate(rows(document, "images")):
        file = image_file(row["file_name"], path.parent)
        if not exists(file):
            continue
        try:
            if row.get("width") is None or row.get("height") is None:
                image_size(file)
        except ImageError as error:
            findings.append(_finding(error, Place(str(file), named_row("image", row, index))))
        else:
            present.append(row)
    return present, findings
