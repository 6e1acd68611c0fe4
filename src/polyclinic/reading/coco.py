"""Readings as a COCO data set, to be opened, corrected and trained on as annotations.

Besides the keys that annotations have, an image holds `findings`, `quality`, `flags`,
`measurements`, `provenance` (how its file was shown), or `error` where it could not be read; an
annotation holds `score`, `probabilities` and `landmark_confidence`. Label maps and restored pixels
are not held. Where images of known patients hold findings, `patients` holds them pooled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import fields
from typing import Any, TypeVar

from polyclinic.errors import DataError
from polyclinic.reading.measurement import Measurement
from polyclinic.reading.pooled_findings import pool_tasks, readings_by_patient
from polyclinic.reading.reading import OF_IMAGE, Reading
from polyclinic.sample import Instance
from polyclinic.sample.coco_values import coco_area, coco_box, coco_keypoints, coco_outlines
from polyclinic.sample.rle import mask_to_coco
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.category_rows import category_rows

Row = dict[str, Any]
Shared = TypeVar("Shared")


def readings_to_coco(readings: Sequence[Reading]) -> Row:
    """One COCO object of all readings; category ids are class index + 1.

    Raises:
        DataError: readings have different classes or landmarks, or an image id comes twice.
    """
    _refuse_doubled(readings)
    document = {
        "info": info_row(shared_provenance(readings)),
        "images": [image_row(reading) for reading in readings],
        "annotations": annotation_rows(readings),
        "categories": category_rows(shared_classes(readings), shared_schema(readings)),
    }
    patients = _patient_rows(readings)
    return document | ({"patients": patients} if patients else {})


def shared_classes(readings: Sequence[Reading]) -> tuple[str, ...]:
    """Names of the classes of readings of one reader; none where nothing could be read.

    Raises:
        DataError: they have different ones.
    """
    return the_one({reading.classes for reading in readings} - {()}, "classes") or ()


def shared_schema(readings: Sequence[Reading]) -> LandmarkSchema | None:
    """Landmarks of readings of one reader; None where none were read.

    Raises:
        DataError: they have different ones.
    """
    return the_one({reading.landmark_schema for reading in readings} - {None}, "landmarks")


def the_one(found: Set[Shared], what: str) -> Shared | None:
    """What all have, None where none has it.

    Raises:
        DataError: there are several.
    """
    if len(found) > 1:
        raise DataError(f"readings have different {what}", expected="readings of one reader")
    return next(iter(found), None)


def _refuse_doubled(readings: Sequence[Reading]) -> None:
    seen: set[int | str] = set()
    for reading in readings:
        if reading.image_id in seen:
            raise DataError(f"image {reading.image_id!r} was read twice", expected="unique ids")
        seen.add(reading.image_id)


def shared_provenance(readings: Sequence[Reading]) -> Row | None:
    """What readings have in common of where they come from; None where nothing could be read."""
    made = [reading.provenance for reading in readings if reading.error is None]
    return common_values(made) if made else None


def common_values(made: Sequence[Mapping[str, Any]]) -> Row:
    """The keys that all have with the same value, in the order of the first; there is a first.

    What concerns single images stays with them.
    """
    first, *others = made
    return {
        key: value
        for key, value in first.items()
        if key != OF_IMAGE and all(one.get(key) == value for one in others)
    }


def info_row(shared: Mapping[str, Any] | None) -> Row:
    """What stands at the head of a file of readings."""
    return {"description": "polyclinic readings", **(shared or {})}


def patient_row(
    patient: str, images: Sequence[int | str], findings: Sequence[Mapping[str, Any]]
) -> Row:
    """What is said of a patient, pooled over images."""
    return {"patient_id": patient, "images": list(images), "findings": pool_tasks(findings)}


def _patient_rows(readings: Sequence[Reading]) -> list[Row]:
    """What is said of each patient, pooled over the images that could be read."""
    return [
        patient_row(patient, [one.image_id for one in some], [one.findings for one in some])
        for patient, some in readings_by_patient(readings).items()
    ]


def image_row(reading: Reading) -> Row:
    """What is said of an image as a whole, its measurements included."""
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
    if OF_IMAGE in reading.provenance:
        row["provenance"] = dict(reading.provenance[OF_IMAGE])
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
    # asdict copies every value: ten times as long, for a hundred measurements an image.
    row = {key: getattr(measurement, key) for key in _KEYS}
    return row | {"flags": list(measurement.flags)}


_KEYS = tuple(one.name for one in fields(Measurement) if one.name != "domain")


def annotation_rows(readings: Sequence[Reading]) -> list[Row]:
    """The found instances, numbered from 1."""
    found = [(one, reading.image_id) for reading in readings for one in reading.instances or ()]
    return [_annotation_row(one, number, image) for number, (one, image) in enumerate(found, 1)]


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
    row |= coco_keypoints(instance) | coco_outlines(instance)
    if instance.score is not None:
        row["score"] = float(instance.score)
    if instance.labels:
        row["labels"] = dict(instance.labels)
    for key in ("probabilities", "landmark_confidence"):
        values = getattr(instance, key)
        if values is not None:
            row[key] = values.tolist()
    return row
