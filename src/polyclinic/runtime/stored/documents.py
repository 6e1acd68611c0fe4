"""A COCO object of readings, as `polyclinic.reading.coco` writes it, back to readings."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from polyclinic.data import Cohort
from polyclinic.data.coco.categories import class_names, landmark_schema, ordered_categories
from polyclinic.data.coco.document import named_row, rows
from polyclinic.data.coco.labels import read_labels
from polyclinic.data.coco.structure import structure_findings
from polyclinic.data.findings import refuse
from polyclinic.reading import Reading
from polyclinic.runtime.stored.images import error_reading, image_values, of_image
from polyclinic.runtime.stored.pair import Places
from polyclinic.runtime.stored.rows import (
    Place,
    Row,
    Size,
    Values,
    crowd,
    has_points,
    made,
    numbers,
    read_box,
    read_masks,
    read_score,
    texts,
)
from polyclinic.sample import Instance

Numbered = list[tuple[int, dict[str, Any]]]
_VISIBILITIES = frozenset({0, 1, 2})


def read_document(document: dict[str, Any], file: str, cohort: Cohort | None) -> list[Reading]:
    """One reading an image row. The document is used up, so that it does not fill the memory.

    Args:
        document: of a file that was parsed for this alone.
        file: its name in messages.
        cohort: says the size of images whose row does not.

    Raises:
        DataError: the structure is broken, or a row can't be used.
    """
    refuse(structure_findings(document, file))
    reader = _Reader(document, file, cohort)
    return [reader.reading(index, row) for index, row in enumerate(rows(document, "images"))]


class _Reader:
    """What the rows of one document share."""

    def __init__(self, document: dict[str, Any], file: str, cohort: Cohort | None) -> None:
        self.file = file
        self.classes = class_names(document, file)
        self.schema = landmark_schema(document, file)
        info = document.get("info")
        self.provenance = dict(info) if isinstance(info, dict) else {}
        self.provenance.pop("description", None)
        self._cohort = cohort
        self._places = None if cohort is None else Places(cohort.samples)
        self._category = {row["id"]: i for i, row in enumerate(ordered_categories(document))}
        self._of_image: dict[int | str, Numbered] = defaultdict(list)
        for index, row in enumerate(rows(document, "annotations")):
            self._of_image[row["image_id"]].append((index, row))
        document.pop("annotations", None)

    def reading(self, index: int, row: dict[str, Any]) -> Reading:
        place = Place(self.file, named_row("image", row, index))
        if row.get("error"):
            return error_reading(row, place)
        size = self._size(row, place)
        found = self._instances(self._of_image.pop(row["id"], []), size)
        said = texts(row, "annotated", place)
        looked = row.get("annotated") is None or "instances" in said or bool(found)
        pointed = any(one.landmarks is not None for one in found)
        known = image_values(row, place)
        provenance = self.provenance | of_image(row, place)
        row.clear()
        return made(
            place,
            Reading,
            **known,
            size=size,
            classes=self.classes,
            landmark_schema=(self.schema if pointed or "landmarks" in said else None),
            instances=found if looked else None,
            provenance=provenance,
        )

    def _size(self, row: Row, place: Place) -> Size:
        if row.get("height") is not None and row.get("width") is not None:
            return int(row["height"]), int(row["width"])
        known = None if self._places is None else self._places.of(row["id"], row["file_name"])
        if known is None or self._cohort is None:
            place.refuse("height", row.get("height"), "height and width of the image")
        return self._cohort.samples[known].size

    def _instances(self, numbered: Numbered, size: Size) -> tuple[Instance, ...]:
        placed = [
            (row, Place(self.file, named_row("annotation", row, index))) for index, row in numbered
        ]
        masks = read_masks(placed, size)
        return tuple(
            self._instance(row, mask, place)
            for (row, place), mask in zip(placed, masks, strict=True)
        )

    def _instance(self, row: Row, mask: Any, place: Place) -> Instance:
        landmarks = self._landmarks(row, place)
        points = None if landmarks is None else len(landmarks)
        return made(
            place,
            Instance,
            box=read_box(row, mask, landmarks, place),
            category=self._category.get(row.get("category_id")),
            mask=mask,
            landmarks=landmarks,
            score=read_score(row, place),
            probabilities=numbers(row, "probabilities", place, len(self.classes)),
            landmark_confidence=numbers(row, "landmark_confidence", place, points),
            crowd=crowd(row),
            labels=read_labels(row),
        )

    def _landmarks(self, row: Row, place: Place) -> Values | None:
        if not has_points(row):
            return None
        if self.schema is None:
            place.refuse("keypoints", row["keypoints"], "none, for no category names any")
        values = numbers(row, "keypoints", place, 3 * len(self.schema))
        if values is None or not _VISIBILITIES.issuperset(values[2::3].tolist()):
            place.refuse("keypoints", values, "x, y and a visibility of 0, 1 or 2 of each landmark")
        return values.reshape(-1, 3)
