"""A COCO file to a cohort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from polyclinic.data.coco.categories import class_names, landmark_schema, ordered_categories
from polyclinic.data.coco.document import Row, named_row, read_json, rows
from polyclinic.data.coco.image import image_findings, to_sample
from polyclinic.data.coco.row import read_row
from polyclinic.data.coco.structure import structure_findings
from polyclinic.data.cohort import Cohort
from polyclinic.data.findings import Finding, Place, refuse
from polyclinic.data.images import image_size
from polyclinic.errors import DataError
from polyclinic.sample import Instance, Sample


def read_coco(path: Path) -> Cohort:
    """Open a COCO file whose images lie beside it or in its `images` folder.

    Rows that can't be used are left out and named in `Cohort.skipped`.

    Raises:
        DataError: the structure is broken, ids are doubled or unknown, or images are missing.
    """
    document = read_json(path)
    refuse(structure_findings(document, str(path)))
    images = [row for row in rows(document, "images") if not row.get("error")]
    reader = _Reader(document, path)
    files = {row["id"]: image_file(row["file_name"], path.parent) for row in images}
    _refuse_missing(images, files, path)
    samples = tuple(reader.sample(index, row, files[row["id"]]) for index, row in enumerate(images))
    return Cohort(
        samples=samples,
        classes=reader.classes,
        landmark_schema=reader.schema,
        name=path.name,
        extra={k: v for k, v in document.items() if k not in ("images", "annotations")},
        annotation_order=tuple(row["id"] for row in rows(document, "annotations")),
        unread=tuple(reader.unread),
        skipped=tuple(reader.findings),
    )


def image_file(file_name: str, folder: Path) -> Path:
    """Where an image lies: as named from the JSON's folder, else in its `images` folder."""
    beside, inside = folder / file_name, folder / "images" / file_name
    return (inside if inside.is_file() and not beside.is_file() else beside).absolute()


def _refuse_missing(images: list[Row], files: dict[int | str, Path], path: Path) -> None:
    missing = [row["file_name"] for row in images if not files[row["id"]].is_file()]
    if missing:
        named = ", ".join(missing[:3]) + (" ..." if len(missing) > 3 else "")
        raise DataError(
            f"{len(missing)} of {len(images)} images are missing: {named}",
            expected=f"files in {path.parent} or {path.parent / 'images'}",
            where=str(path),
            hint=f"polyclinic check {path} lists them all",
        )


class _Reader:
    """Collects findings while the rows of one document become samples."""

    def __init__(self, document: Row, path: Path) -> None:
        self.file = str(path)
        self.classes = class_names(document, self.file)
        self.schema = landmark_schema(document, self.file)
        self.findings: list[Finding] = list(_unread_images(document, self.file))
        self.unread: list[Row] = []
        self._category = {row["id"]: i for i, row in enumerate(ordered_categories(document))}
        self._of_image: dict[int | str, list[tuple[int, Row]]] = defaultdict(list)
        for index, row in enumerate(rows(document, "annotations")):
            self._of_image[row["image_id"]].append((index, row))
        self._holds_objects = bool(self._category) or bool(self._of_image)

    def sample(self, index: int, row: Row, file: Path) -> Sample:
        place = Place(self.file, named_row("image", row, index))
        self.findings += image_findings(row, place)
        size = _size(row, file, place)
        sample = to_sample(row, size, file)
        annotated = sample.annotated
        complete = annotated is not None and "landmarks" in annotated
        instances = self._instances(row["id"], size, landmarks_complete=complete)
        looked_at = self._holds_objects if annotated is None else "instances" in annotated
        return replace(sample, instances=instances) if instances or looked_at else sample

    def _instances(
        self, image_id: int | str, size: tuple[int, int], *, landmarks_complete: bool
    ) -> tuple[Instance, ...]:
        instances = []
        for index, row in self._of_image.get(image_id, ()):
            instance, findings = read_row(
                row,
                size,
                self._category.get(row.get("category_id")),
                self.schema,
                Place(self.file, named_row("annotation", row, index)),
                landmarks_complete=landmarks_complete,
            )
            self.findings += findings
            if instance is None:
                self.unread.append(row)
            else:
                instances.append(instance)
        return tuple(instances)


def _unread_images(document: Row, file: str) -> Iterator[Finding]:
    for index, row in enumerate(rows(document, "images")):
        if row.get("error"):
            place = Place(file, named_row("image", row, index))
            yield place.note(f"is left out, for it could not be read: {row['error']}")


def _size(row: Row, file: Path, place: Place) -> tuple[int, int]:
    """(height, width) as the row says, else as the file's header says."""
    if row.get("height") is None or row.get("width") is None:
        return image_size(file)
    height, width = row["height"], row["width"]
    if not all(_is_side(side) for side in (height, width)):
        raise DataError(
            f"{place.row} is {width!r} x {height!r}",
            expected="a positive whole width and height",
            where=place.file,
        )
    return int(height), int(width)


def _is_side(side: object) -> bool:
    return isinstance(side, int | float) and side >= 1 and float(side).is_integer()
