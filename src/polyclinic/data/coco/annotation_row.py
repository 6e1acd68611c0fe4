"""An `Instance` to a COCO annotation; what has not changed stays as it was in the file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from polyclinic.data.coco.annotation import Size, instance_box, read_landmarks
from polyclinic.data.coco.document import Row
from polyclinic.data.coco.faults.landmarks import landmark_findings
from polyclinic.data.coco.faults.masks import mask_of
from polyclinic.data.coco.labels import KEY, read_labels, read_outlines
from polyclinic.data.completeness import has_error
from polyclinic.data.findings import Place
from polyclinic.sample import Instance
from polyclinic.sample.coco_values import coco_area, coco_box, coco_keypoints, coco_outlines
from polyclinic.sample.rle import mask_to_coco
from polyclinic.schema import LandmarkSchema


def annotation_row(
    instance: Instance,
    size: Size,
    annotation_id: int | str,
    image_id: int | str,
    category_id: int | None,
    schema: LandmarkSchema | None,
) -> Row:
    """Write an instance of an image of `size` (height, width).

    A mask and landmarks that could not be read stay as they stood in the file.
    """
    before = dict(instance.extra)
    row: Row = dict(before) | {"id": annotation_id, "image_id": image_id}
    if row.get("category_id") != category_id:
        row["category_id"] = category_id
    new_outline = [
        _write_mask(row, instance, before, size),
        _write_box(row, instance, before, size),
    ]
    if any(new_outline):
        row["area"] = coco_area(instance)
    if instance.landmarks is not None or _are_sound(before, size, schema):
        _write_landmarks(row, instance, before, size)
    if bool(row.get("iscrowd", 0)) != instance.crowd or "id" not in before:
        row["iscrowd"] = int(instance.crowd)
    if (None if row.get("rater") is None else str(row["rater"])) != instance.rater:
        row["rater"] = instance.rater
    if dict(instance.labels) != read_labels(before):
        row["labels"] = dict(instance.labels)
    _write_outlines(row, instance, before)
    if instance.score is not None:
        row["score"] = instance.score
    return row


def _are_sound(before: Row, size: Size, schema: LandmarkSchema | None) -> bool:
    return not has_error(landmark_findings(before, size, schema, Place("")))


def _write_mask(row: Row, instance: Instance, before: Row, size: Size) -> bool:
    if instance.mask is None:
        if not before.get("segmentation") or mask_of(before, size, Place(""))[0] is None:
            return False
        return bool(row.pop("segmentation"))
    if instance.mask.source is not None and instance.mask.source == before.get("segmentation"):
        return False
    row["segmentation"] = mask_to_coco(instance.mask)
    return True


def _write_box(row: Row, instance: Instance, before: Mapping[str, Any], size: Size) -> bool:
    if "id" in before:
        old = instance_box(before, size, instance.mask, instance.landmarks)
        if np.array_equal(old, instance.box):
            return False
    row["bbox"] = coco_box(instance)
    return True


def _write_landmarks(row: Row, instance: Instance, before: Mapping[str, Any], size: Size) -> None:
    if instance.landmarks is None:
        if read_landmarks(before, size) is not None:
            del row["keypoints"]
            row.pop("num_keypoints", None)
        return
    old = read_landmarks(before, size, landmarks_complete=True)
    if old is None or not np.array_equal(old, instance.landmarks):
        row |= coco_keypoints(instance)


def _write_outlines(row: Row, instance: Instance, before: Mapping[str, Any]) -> None:
    old, new = read_outlines(before), instance.outlines
    if old.keys() != new.keys() or any(not np.array_equal(old[name], new[name]) for name in new):
        row.pop(KEY, None)
        row |= coco_outlines(instance)
