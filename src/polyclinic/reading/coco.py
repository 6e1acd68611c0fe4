"""Readings as a COCO data set, to be opened, corrected and trained on as annotations.

Besides the keys that annotations have, an image holds `findings`, `quality`, `flags`,
`measurements`, or `error` where it could not be read; an annotation holds `score`,
`probabilities` and `landmark_confidence`. Label maps and restored pixels are not held. Where
images of known patients hold findings, `patients` holds them pooled.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from polyclinic.errors import DataError
from polyclinic.reading.measurement import Measurement
from polyclinic.reading.pooled_findings import pool_tasks, readings_by_patient
from polyclinic.reading.reading import Reading
from polyclinic.sample import Instance
from polyclinic.sample.coco_values import coco_area, coco_box, coco_keypoints
from polyclinic.sample.rle import mask_to_coco
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.category_rows import category_rows

Row = dict[str, Any]


def readings_to_coco(readings: Sequence[Reading]) -> Row:
    """One COCO object of all readings; category ids are class index + 1.

    Raises:
        DataError: readings have different classes or landmarks, or an image id comes twice.
    """
    classes = _shared_classes(readings)
    schema = _shared_schema(readings)
    _refuse_doubled(readings)
    document = {
        "info": _shared_provenance(readings),
        "images": [_image_row(reading) for reading in readings],
        "annotations": list(_annotations(readings)),
        "categories": category_rows(classes, schema),
    }
    patients = _patient_rows(readings)
    return document | ({"patients": patients} if patients else {})


def _shared_classes(readings: Sequence[Reading]) -> tuple[str, ...]:
    found = {reading.classes for reading in readings if reading.classes}
    if len(found) > 1:
        raise DataError("readings have different classes", expected="readings of one reader")
    return next(iter(found), ())


def _shared_schema(readings: Sequence[Reading]) -> LandmarkSchema | None:
    found = {reading.landmark_schema for reading in readings} - {None}
    if len(found) > 1:
        raise DataError("readings have different landmarks", expected="readings of one reader")
    return next(iter(found), None)


def _refuse_doubled(readings: Sequence[Reading]) -> None:
    seen: set[int | str] = set()
    for reading in readings:
        if reading.image_id in seen:
            raise DataError(f"image {reading.image_id!r} was read twice", expected="unique ids")
        seen.add(reading.image_id)


def _shared_provenance(readings: Sequence[Reading]) -> Row:
    """What all readings have in common of where they come from."""
    made = [reading.provenance for reading in readings if reading.error is None]
    first: Mapping[str, Any] = made[0] if made else {}
    shared = {
        key: value for key, value in first.items() if all(one.get(key) == value for one in made)
    }
    return {"description": "polyclinic readings", **shared}


def _patient_rows(readings: Sequence[Reading]) -> list[Row]:
    """What is said of each patient, pooled over the images that could be read."""
    return [
        {
            "patient_id": patient,
            "images": [one.image_id for one in some],
            "findings": pool_tasks([one.findings for one in some]),
        }
        for patient, some in readings_by_patient(readings).items()
    ]


def _image_row(reading: Reading) -> Row:
    height, width = reading.size
    row: Row = {
        "id": reading.image_id,
        "file_name": reading.file or str(reading.image_id),
        "height": height,
        "width": width,
    }
    if reading.patient_id is not None:
        row["patient_id"] = reading.patient_id
    if reading.error is not None:
        return row | {"error": reading.error}
    if reading.spacing.known:
        row["spacing_mm"] = [reading.spacing.row_mm, reading.spacing.column_mm]
        row["spacing_source"] = reading.spacing.origin
    row |= {"annotated": _annotated(reading)}
    if reading.findings:
        row["findings"] = {task: dict(values) for task, values in reading.findings.items()}
        row["labels"] = {
            task: max(values, key=values.__getitem__)
            for task, values in reading.findings.items()
            if values
        }
    if reading.quality:
        row["quality"] = {name: float(value) for name, value in reading.quality.items()}
    if reading.flags:
        row["flags"] = list(reading.flags)
    row["measurements"] = [_measurement_row(one) for one in reading.measurements]
    return row


def _annotated(reading: Reading) -> list[str]:
    """The kinds that were read, so that "found none" is not taken for "not looked for"."""
    kinds = list(reading.findings)
    if reading.instances is not None:
        kinds.append("instances")
        kinds += ["masks"] if any(one.mask is not None for one in reading.instances) else []
        kinds += ["landmarks"] if reading.landmark_schema is not None else []
    return sorted(kinds)


def _measurement_row(measurement: Measurement) -> Row:
    row = asdict(measurement)
    return {key: list(value) if isinstance(value, tuple) else value for key, value in row.items()}


def _annotations(readings: Sequence[Reading]) -> Iterator[Row]:
    number = 0
    for reading in readings:
        for instance in reading.instances or ():
            number += 1
            yield _annotation_row(instance, number, reading.image_id)


def _annotation_row(instance: Instance, number: int, image_id: int | str) -> Row:
    row: Row = {
        "id": number,
        "image_id": image_id,
        "bbox": coco_box(instance),
        "area": coco_area(instance),
        "iscrowd": int(instance.crowd),
    }
    if instance.category is not None:
        row["category_id"] = instance.category + 1
    if instance.mask is not None:
        row["segmentation"] = mask_to_coco(instance.mask)
    row |= coco_keypoints(instance)
    if instance.score is not None:
        row["score"] = float(instance.score)
    if instance.labels:
        row["labels"] = dict(instance.labels)
    for key in ("probabilities", "landmark_confidence"):
        values = getattr(instance, key)
        if values is not None:
            row[key] = values.tolist()
    return row
