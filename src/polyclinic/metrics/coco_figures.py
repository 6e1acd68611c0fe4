"""COCO average precision as figures."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from polyclinic.metrics.case import Case
from polyclinic.metrics.coco_ap import average_precision
from polyclinic.metrics.coco_rows import Kind
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.listed import listed_figure
from polyclinic.schema import LandmarkSchema

NAMES: dict[Kind, tuple[str, str]] = {
    "box": ("box_ap", "COCO average precision of boxes"),
    "mask": ("mask_ap", "COCO average precision of masks"),
    "landmarks": ("oks_ap", "COCO average precision of landmarks (OKS)"),
}


def average_precision_figures(
    cases: Sequence[Case], kind: Kind, schema: LandmarkSchema | None = None
) -> list[Figure]:
    """AP over overlaps 0.50 ... 0.95, at 0.50 and at 0.75, of all candidates."""
    if average_precision(cases, kind, schema=schema).ap is None:
        return []
    name, meaning = NAMES[kind]
    return [
        listed_figure(
            f"{name}{suffix}",
            cases,
            partial(_value, kind, schema, field),
            meaning=f"{meaning}, overlap {threshold}",
            group="landmarks" if kind == "landmarks" else "instances",
            better="higher",
        )
        for suffix, field, threshold in (
            ("", "ap", "0.50 to 0.95"),
            ("50", "ap50", "0.50"),
            ("75", "ap75", "0.75"),
        )
    ]


def _value(
    kind: Kind, schema: LandmarkSchema | None, field: str, cases: Sequence[Case]
) -> float | None:
    value: float | None = getattr(average_precision(cases, kind, schema=schema), field)
    return value
