"""One row of a table to instances, by way of COCO annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np

from polyclinic.data.coco.annotation import instance_box
from polyclinic.data.coco.document import Row
from polyclinic.data.coco.row import read_row
from polyclinic.data.completeness import ObjectsRead, has_error, not_annotated
from polyclinic.data.findings import Finding, Place
from polyclinic.data.mask_folder.file import binary_findings, read_values
from polyclinic.data.outlines import Size, united
from polyclinic.data.tables.cells import read_number
from polyclinic.data.tables.columns import BOX, Columns
from polyclinic.data.tables.labels import Values
from polyclinic.data.tables.locate import locate
from polyclinic.data.tables.points import read_points
from polyclinic.data.tables.schema import Sidecar
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.errors import DataError
from polyclinic.sample import Instance, Mask
from polyclinic.sample.coco_values import coco_area, coco_box
from polyclinic.schema import LandmarkSchema

OBJECT = "object"
"""Class of everything in a table that names no class."""


@dataclass
class DrawnObjects:
    """What is known of the objects of a table besides its cells, by the number of the row.

    Args:
        outlines: from the size of the image to the mask of each part of the row's object.
        lost: rows that stand for an object that can't be read.
    """

    outlines: dict[int, Sequence[Callable[[Size], Mask]]] = field(default_factory=dict)
    lost: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class ObjectRows:
    """How the rows of one table become instances.

    Args:
        sheet: the table.
        columns: what its columns mean.
        classes: class names.
        schema: landmarks in column order.
        sidecar: what the file beside the table says.
        labels: values of the objects' labels, by the number of the row.
        drawn: what the cells don't hold.
        ids: the next annotation ids.
    """

    sheet: Sheet
    columns: Columns
    classes: tuple[str, ...]
    schema: LandmarkSchema | None
    sidecar: Sidecar
    labels: Mapping[int, Values] = field(default_factory=dict)
    drawn: DrawnObjects = field(default_factory=DrawnObjects)
    ids: Iterator[int] = field(default_factory=lambda: count(1))

    def read(self, record: Record, size: Size, image_id: int | str, into: ObjectsRead) -> bool:
        """Add the objects of one row; whether the row says anything of objects.

        An object whose mask or landmarks can't be read keeps the rest.

        Args:
            record: the row.
            size: (height, width) of its image.
            image_id: what its annotations refer to.
            into: the objects of the image.
        """
        if record.number in self.drawn.lost:
            into.lost = True
            return True
        points, boxes, masked = list[Finding](), list[Finding](), list[Finding]()
        shared = self._landmarks(record, size, points) | self._box(record, boxes)
        masks = self._masks(record, size, masked)
        if shared and masks == []:
            masked.append(self._place(record, "mask").error("the mask is empty", "an object"))
            masks = None
        labels = self.labels.get(record.number, {})
        faulty = has_error([*points, *boxes, *masked])
        if not shared and not masks and (labels or faulty):
            alone = [self._alone(record, next(iter(labels)))] if labels and not faulty else []
            into.lose([*points, *boxes, *masked, *alone])
            return True
        into.add(findings=not_annotated(points, "landmarks"))
        into.add(findings=not_annotated(masked, "masks"))
        if not shared and masks is None:
            return False
        if has_error(boxes):
            into.lose(boxes)
            return True
        drawn: list[tuple[str, Mask | None]] = (
            [(self._class(record), None)] if masks is None else [*masks]
        )
        whole = {"image_id": image_id, "iscrowd": 0, **self._rater(record), **shared}
        whole |= {"labels": labels} if labels else {}
        for name, mask in drawn:
            said: list[Finding] = []
            instance = self._instance(whole, name, mask, size, record, said)
            if instance is None:
                into.lose(said)
            else:
                into.add(instance, findings=said)
        return True

    def _instance(
        self,
        whole: Row,
        name: str,
        mask: Mask | None,
        size: Size,
        record: Record,
        findings: list[Finding],
    ) -> Instance | None:
        row = {"id": next(self.ids), **whole}
        category = self.classes.index(name) if name else None
        if category is not None:
            row["category_id"] = category + 1
        if mask is not None:
            row.setdefault("bbox", coco_box(Instance(box=mask.box())))
        place = self.sheet.place(record)
        instance, said = read_row(row, size, category, self.schema, place, decoded=mask)
        findings += said
        if instance is None:
            return None
        row.setdefault("bbox", coco_box(instance))
        row["area"] = coco_area(instance)
        # The box of the row is the box, to the last bit, when a COCO file of it is read again.
        return replace(instance, box=instance_box(row, size, mask, instance.landmarks), extra=row)

    def _landmarks(self, record: Record, size: Size, findings: list[Finding]) -> Row:
        """None of them where one can't be read: a box around the others would be too small."""
        said: list[Finding] = []
        keypoints = read_points(self.sheet, record, self.columns.points, size, said)
        findings += said
        if keypoints is None or has_error(said):
            return {}
        labelled = sum(value > 0 for value in keypoints[2::3])
        return {"keypoints": keypoints, "num_keypoints": labelled}

    def _box(self, record: Record, findings: list[Finding]) -> Row:
        corners = [self.columns.known.get(name) for name in BOX]
        empty = [column for column in corners if not record[column]]
        if empty and len(empty) < len(BOX):
            place = self.sheet.place(record, empty[0])
            findings.append(place.error("is empty", f"{', '.join(BOX)}, or none of them"))
        numbers = [read_number(self.sheet, record, column, findings) for column in corners]
        values = [value for value in numbers if value is not None]
        if len(values) == len(BOX):
            x1, y1, x2, y2 = values
            return {"bbox": [x1, y1, x2 - x1, y2 - y1]}
        return {}

    def _masks(
        self, record: Record, size: Size, findings: list[Finding]
    ) -> list[tuple[str, Mask]] | None:
        """(class, mask) of each object in the outlines or the mask file; None: not annotated."""
        parts = self.drawn.outlines.get(record.number)
        if parts:
            return self._outlined(record, parts, size, findings)
        name = record[self.columns.known.get("mask")]
        if not name:
            return None
        place = self._place(record, "mask")
        values, said = read_values(locate(name, self.sheet.path, "masks"), size, place)
        findings += said
        if values is None:
            return None
        if self.sidecar.mask_classes:
            unknown = sorted({*np.unique(values).tolist()} - {0, *self.sidecar.mask_classes})
            if unknown:
                known = ", ".join(map(str, self.sidecar.mask_classes))
                findings.append(
                    place.error(f"mask {name} holds the value {unknown[0]}", f"0, {known}")
                )
            found = [(of, values == value) for value, of in self.sidecar.mask_classes.items()]
        else:
            findings += binary_findings(values, name, place)
            found = [(self._class(record), values > 0)]
        return [(of, Mask.from_array(pixels)) for of, pixels in found if pixels.any()]

    def _outlined(
        self,
        record: Record,
        parts: Sequence[Callable[[Size], Mask]],
        size: Size,
        findings: list[Finding],
    ) -> list[tuple[str, Mask]] | None:
        place = self.sheet.place(record)
        try:
            mask = united([part(size) for part in parts])
        except DataError as error:
            findings.append(place.error(error.what, error.expected, "draw it again"))
            return None
        if mask.area:
            return [(self._class(record), mask)]
        findings.append(place.error("covers no pixel", "an outline in the image", "draw it again"))
        return None

    def _class(self, record: Record) -> str:
        """The class of a row; empty where its cell is: not annotated."""
        return record[self.columns.known["class"]] if "class" in self.columns.known else OBJECT

    def _rater(self, record: Record) -> Row:
        name = record[self.columns.known.get("rater")]
        return {"rater": name} if name else {}

    def _alone(self, record: Record, label: str) -> Finding:
        return self.sheet.place(record, self.columns.object_labels[label]).error(
            "is a label of no object",
            "landmarks, a box or a mask in this row",
            "empty the cell, or name the column without 'object.' if it is of the whole image",
        )

    def _place(self, record: Record, key: str) -> Place:
        return self.sheet.place(record, self.columns.known[key])
