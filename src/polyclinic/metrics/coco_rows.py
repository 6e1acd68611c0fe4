"""Instances as the rows that COCO's evaluation takes."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from polyclinic.metrics.case import Case, annotated, score_of
from polyclinic.sample import Instance
from polyclinic.sample.rle import mask_to_coco

Kind = Literal["box", "mask", "landmarks"]

# Mean share of a box that its object fills, where no mask says it (faster-coco-eval, CrowdPose).
BOX_FILL = 0.53


def complete(case: Case, kind: Kind) -> bool:
    """Whether all annotated instances have the kind; landmarks may be absent from some."""
    if kind == "mask":
        return all(one.mask is not None for one in annotated(case))
    return True


def annotated_row(instance: Instance, image: int, kind: Kind, landmarks: int) -> dict[str, Any]:
    """An annotation. One without landmarks gets `landmarks` unlabelled ones: COCO passes over it.

    The area is the mask's; OKS scales with it.
    """
    row = _row(instance, image, kind)
    mask, (_, _, width, height) = instance.mask, row["bbox"]
    row["area"] = BOX_FILL * width * height if mask is None else mask.area
    row["iscrowd"] = int(instance.crowd)
    if kind == "landmarks":
        row.setdefault("keypoints", [0.0] * 3 * landmarks)
        row["num_keypoints"] = int(np.count_nonzero(row["keypoints"][2::3]))
    return row


def found_row(instance: Instance, image: int, kind: Kind) -> dict[str, Any]:
    """A result with its score."""
    return {**_row(instance, image, kind), "score": score_of(instance)}


def _row(instance: Instance, image: int, kind: Kind) -> dict[str, Any]:
    """COCO counts box corners from the corner of the first pixel, landmarks from its centre."""
    x1, y1, x2, y2 = (float(edge) for edge in instance.box)
    row: dict[str, Any] = {
        "image_id": image,
        "category_id": 1 if instance.category is None else instance.category + 1,
        "bbox": [x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1],
    }
    if kind == "mask" and instance.mask is not None:
        row["segmentation"] = mask_to_coco(instance.mask)
    if kind == "landmarks" and instance.landmarks is not None:
        row["keypoints"] = instance.landmarks.ravel().tolist()
    return row
