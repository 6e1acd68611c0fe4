"""A COCO file to a cohort."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from polyclinic.data.coco.categories import class_names, landmark_schema, ordered_categories
from polyclinic.data.coco.document import Row, named_row, read_json, rows
from polyclinic.data.coco.image import PARTNER_KEY, image_findings, to_sample
from polyclinic.data.coco.row import read_row
from polyclinic.data.coco.structure import structure_findings
from polyclinic.data.cohort import Cohort
from polyclinic.data.completeness import ObjectsRead
from polyclinic.data.dicom import described
from polyclinic.data.findings import Finding, Place, refuse
from polyclinic.data.images import SUFFIXES, image_size
from polyclinic.data.partner import with_partner
from polyclinic.data.tables.locate import exists, locate
from polyclinic.sample import OBJECT_KINDS, Instance, Sample
from polyclinic.sample.rle import masks_at_once


def read_coco(path: Path) -> Cohort:
    """Open a COCO file whose images lie beside it or in its `images` folder.

    Rows that can't be used are left out and named in `Cohort.skipped`.

    Raises:
        DataError: the structure is broken, ids are doubled or unknown, or images are missing.
    """
    document = read_json(path)
    refuse(structure_findings(document, str(path)))
    refuse(missing_images(document, path))
    return cohort_of(document, path)


def missing_images(document: Row, path: Path) -> list[Finding]:
    """One error for each image that should have been readable and has no file."""
    return [
        Place(str(path), named_row("image", row, index)).error(
            f"{row['file_name']} is missing", f"a file in {path.parent} or {path.parent / 'images'}"
        )
        for index, row in enumerate(rows(document, "images"))
        if not row.get("error") and not exists(image_file(row["file_name"], path.parent))
    ]


def cohort_of(document: Row, path: Path) -> Cohort:
    """The cohort of a document whose structure is sound and whose images are there.

    Raises:
        DataError: category names or landmarks contradict each other.
        ImageError: an image without `width` and `height` can't be opened.
    """
    reader = _Reader(document, path)
    samples = tuple(
        reader.sample(index, row)
        for index, row in enumerate(rows(document, "images"))
        if not row.get("error")
    )
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
    return locate(file_name, folder / "the annotations", "images")


class _Reader:
    """Collects findings while the rows of one document become samples."""

    def __init__(self, document: Row, path: Path) -> None:
        self.file, self.folder = str(path), path.parent
        self.classes = class_names(document, self.file)
        self.schema = landmark_schema(document, self.file)
        self.findings: list[Finding] = list(_unread_images(document, self.file))
        self.unread: list[Row] = []
        self._category = {row["id"]: i for i, row in enumerate(ordered_categories(document))}
        self._of_image: dict[int | str, list[tuple[int, Row]]] = defaultdict(list)
        for index, row in enumerate(rows(document, "annotations")):
            self._of_image[row["image_id"]].append((index, row))
        self._holds_objects = bool(self._category) or bool(self._of_image)

    def sample(self, index: int, row: Row) -> Sample:
        place = Place(self.file, named_row("image", row, index))
        self.findings += image_findings(row, place)
        file = image_file(row["file_name"], self.folder)
        size = _size(row, file)
        sample = to_sample(row, size, file)
        if file.suffix.lower() not in SUFFIXES:  # spares opening every file of a large set
            sample = described(sample)
        sample = self._with_partner(sample, row, place)
        annotated = sample.annotated
        complete = annotated is not None and "landmarks" in annotated
        instances = self._instances(row["id"], size, landmarks_complete=complete)
        looked_at = self._holds_objects if annotated is None else "instances" in annotated
        if instances is None:  # nor is it complete, whatever the row says
            kinds = None if annotated is None else annotated - OBJECT_KINDS
            return replace(sample, annotated=kinds)
        if instances and annotated is not None and not annotated & OBJECT_KINDS:
            self.findings.append(_partial(len(instances), place))
        return replace(sample, instances=instances) if instances or looked_at else sample

    def _with_partner(self, sample: Sample, row: Row, place: Place) -> Sample:
        name = row.get(PARTNER_KEY)
        if not isinstance(name, str) or not name:
            return sample
        sample, said = with_partner(sample, locate(name, Path(self.file), "images"), place)
        self.findings += said
        return sample

    def _instances(
        self, image_id: int | str, size: tuple[int, int], *, landmarks_complete: bool
    ) -> tuple[Instance, ...] | None:
        """The objects of an image; None where one of them can't be read."""
        read = ObjectsRead()
        numbered = self._of_image.get(image_id, ())
        masks = masks_at_once([row.get("segmentation") for _, row in numbered], size)
        for (index, row), mask in zip(numbered, masks, strict=True):
            instance, findings = read_row(
                row,
                size,
                self._category.get(row.get("category_id")),
                self.schema,
                Place(self.file, named_row("annotation", row, index)),
                decoded=mask,
                landmarks_complete=landmarks_complete,
            )
            if instance is None:
                read.lose(findings)
            else:
                read.add(instance, findings=findings)
        self.findings += read.findings
        if read.lost:
            self.unread += [row for _, row in numbered]
        return read.instances


def _partial(objects: int, place: Place) -> Finding:
    return place.note(
        f"its {objects} objects count as some of all it shows, for 'annotated' does not name them",
        hint="add \"instances\" to 'annotated' if they are all",
    )


def _unread_images(document: Row, file: str) -> Iterator[Finding]:
    for index, row in enumerate(rows(document, "images")):
        if row.get("error"):
            place = Place(file, named_row("image", row, index))
            yield place.note(f"is left out, for it could not be read: {row['error']}")


def _size(row: Row, file: Path) -> tuple[int, int]:
    """(height, width) as the row says, else as the file's header says."""
    if row.get("height") is None or row.get("width") is None:
        return image_size(file)
    return int(row["height"]), int(row["width"])
