"""Average precision of boxes, masks and landmarks, by COCO's rules."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from faster_coco_eval import COCO, COCOeval_faster
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, class_names, found, instance_cases
from polyclinic.metrics.coco_rows import Kind, annotated_row, complete, found_row
from polyclinic.schema import LandmarkSchema

IOU_TYPE: dict[Kind, str] = {"box": "bbox", "mask": "segm", "landmarks": "keypoints"}
MAX_FOUND = 100


@dataclass(frozen=True, kw_only=True)
class AveragePrecision:
    """AP of one kind, mean over the classes that are annotated.

    Args:
        kind: what the overlap is measured on; for landmarks it is OKS.
        images: images on which the kind is annotated.
        ap: mean over overlap thresholds 0.50, 0.55 ... 0.95; None when it can't be computed.
        ap50, ap75: at one threshold.
        by_class: (class, ap), None for classes that are not annotated.
        reason: why there is no figure.
    """

    kind: Kind
    images: int
    ap: float | None = None
    ap50: float | None = None
    ap75: float | None = None
    by_class: tuple[tuple[str, float | None], ...] = ()
    reason: str | None = None


def average_precision(
    cases: Sequence[Case], kind: Kind, *, schema: LandmarkSchema | None = None
) -> AveragePrecision:
    """Evaluate one kind over the images on which it is annotated.

    At most 100 found instances an image count, for landmarks too (COCO takes 20 people; a
    nailfold may hold more loops). OKS uses the schema's sigmas and the mask's area, or 0.53 of
    the box's where there is no mask. Annotated instances without landmarks are neither hit nor
    miss in OKS-AP.

    Args:
        cases: samples with readings.
        kind: box, mask or landmarks.
        schema: needed for landmarks.

    Source: Lin et al., "Microsoft COCO", ECCV 2014; cocodataset.org, "Keypoint Evaluation".
    """
    kept = [case for case in instance_cases(cases) if complete(case, kind)]
    images = len(kept)
    if kind == "landmarks" and schema is None:
        return AveragePrecision(kind=kind, images=images, reason="landmarks have no schema")
    if not any(_counts(case, kind) for case in kept):
        return AveragePrecision(kind=kind, images=images, reason=f"no {kind} is annotated")
    classes = class_names(kept) or ("instance",)
    precision = _precision(kept, kind, classes, schema)
    return AveragePrecision(
        kind=kind,
        images=images,
        ap=_mean(precision),
        ap50=_mean(precision[0]),
        ap75=_mean(precision[5]),
        by_class=tuple((name, _mean(precision[..., i])) for i, name in enumerate(classes)),
    )


def _counts(case: Case, kind: Kind) -> bool:
    return any(
        not one.crowd and (kind != "landmarks" or one.has_visible_landmarks)
        for one in annotated(case)
    )


def _precision(
    cases: Sequence[Case], kind: Kind, classes: tuple[str, ...], schema: LandmarkSchema | None
) -> NDArray[np.float64]:
    """(10 thresholds, 101 recalls, C classes); -1 where a class is not annotated."""
    truth = _coco(cases, kind, classes, 0 if schema is None else len(schema))
    rows = [
        found_row(one, image, kind)
        for image, case in enumerate(cases, start=1)
        for one in found(case)
        if kind == "box" or getattr(one, kind) is not None
    ]
    evaluation = COCOeval_faster(
        truth,
        truth.loadRes(rows),
        IOU_TYPE[kind],
        print_function=logging.getLogger(__name__).debug,
        kpt_oks_sigmas=None if schema is None else list(schema.sigmas),
    )
    evaluation.params.catIds = list(range(1, len(classes) + 1))
    evaluation.params.maxDets = [MAX_FOUND]
    evaluation.evaluate()
    evaluation.accumulate()
    table: NDArray[np.float64] = np.asarray(evaluation.eval["precision"])
    return table[..., 0, -1]


def _coco(cases: Sequence[Case], kind: Kind, classes: tuple[str, ...], landmarks: int) -> COCO:
    images: list[dict[str, int]] = []
    rows: list[dict[str, Any]] = []
    for image, case in enumerate(cases, start=1):
        height, width = case[0].size
        images.append({"id": image, "height": height, "width": width})
        rows.extend(annotated_row(one, image, kind, landmarks) for one in annotated(case))
    data: dict[str, Any] = {
        "info": {},
        "images": images,
        "categories": [{"id": i, "name": name} for i, name in enumerate(classes, start=1)],
        "annotations": [{"id": i, **row} for i, row in enumerate(rows, start=1)],
    }
    return COCO(data)


def _mean(precision: NDArray[np.float64]) -> float | None:
    known = precision[precision > -1]
    return float(known.mean()) if len(known) else None
