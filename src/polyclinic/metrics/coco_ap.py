"""Average precision of boxes, masks and landmarks, by COCO's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from polyclinic.metrics.case import Case, class_names, instance_cases
from polyclinic.metrics.detect.coco_matches import coco_matches
from polyclinic.metrics.detect.objects import Kind, complete_rows
from polyclinic.metrics.detect.precision import average_precisions, mean_average_precision
from polyclinic.metrics.detect.ranked import ranked_classes
from polyclinic.metrics.figure import known
from polyclinic.schema import LandmarkSchema

__all__ = ["AveragePrecision", "Kind", "average_precision", "instance_classes"]


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
    cases: Sequence[Case],
    kind: Kind,
    *,
    schema: LandmarkSchema | None = None,
    most: int | None = None,
) -> AveragePrecision:
    """Evaluate one kind over the images on which it is annotated.

    OKS uses the schema's sigmas and the mask's area, or 0.53 of the box's where there is no
    mask. Annotated instances without landmarks are neither hit nor miss in OKS-AP.

    Args:
        cases: samples with readings.
        kind: box, mask or landmarks.
        schema: needed for landmarks.
        most: how many finds an image and class count, the surest ones; all unless given. COCO
            takes 100 boxes and masks, and 20 people.

    Source: Lin et al., "Microsoft COCO", ECCV 2014; cocodataset.org, "Keypoint Evaluation".
    """
    images = len(complete_rows(cases, kind))
    if kind == "landmarks" and schema is None:
        return AveragePrecision(kind=kind, images=images, reason="landmarks have no schema")
    classes = instance_classes(cases)
    matches = coco_matches(cases, kind, len(classes), schema, most=most)
    if not matches.to_find[0].any():
        return AveragePrecision(kind=kind, images=images, reason=f"no {kind} is annotated")
    once = np.ones((1, len(cases)))
    ap, ap50, ap75 = (
        known(mean_average_precision(ranked_classes(matches, at=at).values(), once)[0])
        for at in ("", "50", "75")
    )
    each = {row: average_precisions(one, once)[0] for row, one in ranked_classes(matches).items()}
    return AveragePrecision(
        kind=kind,
        images=images,
        ap=ap,
        ap50=ap50,
        ap75=ap75,
        by_class=tuple((name, known(each.get(row, np.nan))) for row, name in enumerate(classes)),
    )


def instance_classes(cases: Sequence[Case]) -> tuple[str, ...]:
    """The classes of the readings; one class of that name where classes were not read."""
    return class_names(instance_cases(cases)) or ("instance",)
