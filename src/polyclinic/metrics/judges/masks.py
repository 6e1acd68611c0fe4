"""The figures by which masks are judged: instances united, by `EMPTY_CASE_POLICY`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Better, Figure, Values
from polyclinic.metrics.pooled import mean_figure, ratio_figure
from polyclinic.metrics.segmentation import (
    TOLERANCE_MM,
    TOLERANCE_PX,
    ConstantMask,
    MaskTable,
    compare_masks,
    dice,
    masked_cases,
)

_GROUP = "masks"


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Overlap and distance of outlines: of all masks of an image together, then class by class."""
    tables = compare_masks(cases, accept)
    if not tables:
        return []
    united, *alone = tables
    constant = ConstantMask.of(masked_cases(cases, accept))
    return [
        _dice(
            united,
            len(cases),
            baseline=None if constant is None else constant.mean_dice,
        ),
        *_pooled(united, len(cases)),
        *_outlines(united, len(cases), ("near", "hd95", "distance")),
        *(
            figure
            for table in alone
            for figure in (
                _dice(table, len(cases)),
                *_outlines(table, len(cases), ("near", "hd95")),
            )
        ),
    ]


def _dice(table: MaskTable, cases: int, **known: Any) -> Figure:
    meaning = "2 shared / (annotated + found) pixels, mean over images"
    if known.get("baseline") is not None:
        meaning += "; baseline: always the pixels that most images hold"
    return _mean_over_images(
        "mask_dice", dice(table.counts), table, cases, "higher", meaning=meaning, **known
    )


def _pooled(table: MaskTable, cases: int) -> list[Figure]:
    shared, annotated, found = np.zeros((3, cases))
    for side, column in zip((shared, annotated, found), table.counts.T, strict=True):
        side[table.places] = column
    looked = np.zeros(cases)
    looked[table.places] = 1
    return [
        ratio_figure(
            f"mask_{name}",
            above,
            below,
            group=_GROUP,
            better="higher",
            counts=looked,
            meaning=f"{meaning} pixels, pooled over images",
        )
        for name, above, below, meaning in (
            ("dice_pooled", 2 * shared, annotated + found, "2 shared / (annotated + found)"),
            ("iou", shared, annotated + found - shared, "shared / (annotated or found)"),
            ("sensitivity", shared, annotated, "shared / annotated"),
            ("precision", shared, found, "shared / found"),
        )
    ]


def _outlines(table: MaskTable, cases: int, wanted: Sequence[str]) -> list[Figure]:
    """In mm over the images with a scale; in px over all, unless every image has a scale.

    The share within two pixels is always given: 1 mm may be more than the object.
    """
    found = []
    for kind in wanted:
        if table.scaled.any():
            found.append(_outline(kind, "mm", table, cases))
        if kind == "near" or not table.scaled.all():
            found.append(_outline(kind, "px", table, cases))
    return found


def _outline(kind: str, unit: str, table: MaskTable, cases: int) -> Figure:
    values = (table.mm if unit == "mm" else table.px)[kind]
    tolerance = f"{TOLERANCE_MM if unit == 'mm' else TOLERANCE_PX:g}"
    name, better, meaning = {
        "near": (
            f"nsd_{tolerance}{unit}",
            "higher",
            f"share of both outlines within {tolerance} {unit} of the other (surface Dice)",
        ),
        "hd95": (
            f"hd95_{unit}",
            "lower",
            "larger one of the 95th percentiles of the distances from either outline to the other",
        ),
        "distance": (
            f"surface_distance_{unit}",
            "lower",
            "mean distance of the outlines, both directions together",
        ),
    }[kind]
    return _mean_over_images(
        f"mask_{name}",
        values,
        table,
        cases,
        "higher" if better == "higher" else "lower",
        unit="1" if kind == "near" else unit,
        meaning=f"{meaning}, mean over images",
    )


def _mean_over_images(
    name: str, values: Values, table: MaskTable, cases: int, better: Better, **known: Any
) -> Figure:
    suffix = f"_{table.name}" if table.name else ""
    return mean_figure(
        f"{name}{suffix}",
        values,
        table.places,
        cases,
        group=_GROUP,
        better=better,
        **known,
    )
