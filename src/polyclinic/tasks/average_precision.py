"""COCO average precision as figures."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.metrics.case import Case
from polyclinic.metrics.coco_ap import average_precision
from polyclinic.metrics.coco_rows import Kind
from polyclinic.metrics.metric import Metric
from polyclinic.schema import LandmarkSchema

NAMES: dict[Kind, tuple[str, str]] = {
    "box": ("box_ap", "COCO average precision of boxes"),
    "mask": ("mask_ap", "COCO average precision of masks"),
    "landmarks": ("oks_ap", "COCO average precision of landmarks (OKS)"),
}


def average_precision_metrics(
    cases: Sequence[Case], kind: Kind, schema: LandmarkSchema | None = None
) -> list[Metric]:
    """AP over overlaps 0.50 ... 0.95, at 0.50 and at 0.75, of all candidates."""
    name, meaning = NAMES[kind]
    found = average_precision(cases, kind, schema=schema)
    return [
        Metric(
            name=f"{name}{suffix}",
            value=value,
            meaning=f"{meaning}, overlap {threshold}",
            cases=found.images,
            note=found.reason or "",
        )
        for suffix, threshold, value in (
            ("", "0.50 to 0.95", found.ap),
            ("50", "0.50", found.ap50),
            ("75", "0.75", found.ap75),
        )
    ]
