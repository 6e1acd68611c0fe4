"""The figures by which masks are judged: instances united, by `EMPTY_CASE_POLICY`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from polyclinic.metrics.case import Case, class_names
from polyclinic.metrics.detect.precision import mean_of_known
from polyclinic.metrics.figure import Better, Figure, Values, Weighted
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
from polyclinic.metrics.segmentation.masked import MaskedCase

_GROUP = "masks"
_MEAN = "mean over images"
_LENGTHS = {
    "hd95": ("hd95", "95th percentile of the distances from either outline, the larger one"),
    "distance": ("surface_distance", "mean distance of the outlines, both directions together"),
}


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Overlap and distance of outlines: the mean over classes, then class by class.

    A pixel is right where it has its class. That of all masks together, whatever the class,
    stands beside and says so in its name.

    Outlines are judged, and a constant mask is set beside them, where objects are few, as organs
    are; see `compare_masks`.
    """
    tables = compare_masks(cases, accept)
    if not tables:
        return []
    united, *found = tables
    alone = [table for table in found if table.annotated]
    few = all(table.outlined for table in alone or tables)
    looked = masked_cases(cases, accept) if few else []
    every = _dice(united, len(cases), constant=_constant(looked), note=_left_out(united, alone))
    if not alone:
        outlines = _outlines(united, len(cases), ("near", "hd95", "distance"))
        return [every, *_pooled([united], len(cases)), *outlines]
    names = class_names(cases)
    each = [
        (
            _dice(
                table,
                len(cases),
                constant=_constant(looked, names.index(table.name)),
                note=_left_out(table),
            ),
            *_outlines(table, len(cases), ("near", "hd95")),
        )
        for table in alone
    ]
    return [
        *_over_classes([one for some in each for one in some], alone, every, len(cases)),
        *_pooled(found, len(cases)),
        _of_any_class(every),
        *(_of_any_class(one) for one in _pooled([united], len(cases)) if one.name == "mask_iou"),
        *(figure for some in each for figure in some),
    ]


def _of_any_class(figure: Figure) -> Figure:
    meaning = f"{figure.meaning}; all masks together, whatever their class"
    return replace(figure, name=f"{figure.name}_any_class", meaning=meaning)


def _over_classes(
    figures: Sequence[Figure], alone: Sequence[MaskTable], every: Figure, cases: int
) -> list[Figure]:
    """The mean over classes of each figure that all of them have."""
    named = {figure.name: figure for figure in figures}
    holds = np.zeros((len(alone), cases))
    for row, table in zip(holds, alone, strict=True):
        row[table.places] = table.counts[:, 1] > 0
    found = []
    for first in named:
        name = first.removesuffix(f"_{alone[0].name}")
        each = [named[one] for one in (f"{name}_{t.name}" for t in alone) if one in named]
        if name != first and len(each) == len(alone):
            found.append(_mean_over_classes(name, each, holds, every))
    return found


def _mean_over_classes(name: str, each: Sequence[Figure], holds: Values, every: Figure) -> Figure:
    """The mean of those of C figures whose class is annotated in any image that counts.

    Args:
        name: of the mean.
        each: C figures.
        holds: (C, N) whether the class is annotated in each case.
        every: of all classes together, for the images that count.
    """

    def mean(values: Sequence[Weighted], weights: Values) -> Values:
        known = weights @ holds.T > 0
        table = [
            np.where(held, value(weights), np.nan)
            for value, held in zip(values, known.T, strict=True)
        ]
        return mean_of_known(table, len(weights))

    constants = [one.baseline for one in each if one.baseline is not None]
    alone = [one.by_case for one in each if one.by_case is not None]
    by_case = np.where(holds > 0, np.array(alone, float), np.nan)
    means = mean_of_known(list(by_case), by_case.shape[1])
    return replace(
        each[0],
        name=name,
        weighted=partial(mean, [one.weighted for one in each]),
        meaning=f"mean over the classes that are annotated: {each[0].meaning}",
        by_case=means,
        counts=every.counts,
        baseline=partial(mean, constants) if len(constants) == len(each) else None,
        quartiles=mean_figure("", means, np.arange(len(means)), len(means)).quartiles,
        note="",
    )


def _constant(looked: Sequence[MaskedCase], category: int | None = None) -> ConstantMask | None:
    return ConstantMask.of(looked, category) if looked else None


def _dice(table: MaskTable, cases: int, *, constant: ConstantMask | None, note: str) -> Figure:
    meaning = f"2 shared / (annotated + found) pixels, {_MEAN}"
    if constant is not None:
        meaning += "; baseline: always the pixels that most images hold"
    return _mean_over_images(
        "mask_dice",
        dice(table.counts),
        table,
        cases,
        "higher",
        meaning=meaning,
        baseline=None if constant is None else constant.mean_dice,
        note=note,
    )


def _left_out(table: MaskTable, alone: Sequence[MaskTable] = ()) -> str:
    """Why there are no distances."""
    if table.outlined:
        return ""
    if any(one.outlined for one in alone):
        return "distances of outlines are given class by class"
    return (
        f"no distances of outlines: up to {table.objects} objects in an image, and the nearest "
        "outline is often that of another one"
    )


def _pooled(tables: Sequence[MaskTable], cases: int) -> list[Figure]:
    """Pixels of images and classes added up; one of two classes counts in either."""
    shared, annotated, found = np.zeros((3, cases))
    looked = np.zeros(cases)
    for table in tables:
        for side, column in zip((shared, annotated, found), table.counts.T, strict=True):
            side[table.places] += column
        looked[table.places] = 1
    of_class = " and classes" if len(tables) > 1 else ""
    return [
        ratio_figure(
            f"mask_{name}",
            above,
            below,
            group=_GROUP,
            better="higher",
            counts=looked,
            meaning=f"{meaning} pixels, pooled over images{of_class}",
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

    The share within two pixels is given with either: 1 mm may be more than the object.
    """
    found: list[Figure] = []
    if not table.outlined:
        return found
    for kind in wanted:
        if table.scaled.any():
            found.append(_outline(kind, "mm", TOLERANCE_MM, table, cases))
        if kind == "near" or not table.scaled.all():
            found.append(_outline(kind, "px", TOLERANCE_PX, table, cases))
    return found


def _outline(kind: str, unit: str, tolerance: float, table: MaskTable, cases: int) -> Figure:
    values = (table.mm if unit == "mm" else table.px)[kind]
    if kind == "near":
        meaning = f"share of both outlines within {tolerance:g} {unit} of the other (surface Dice)"
        return _mean_over_images(
            f"mask_nsd_{tolerance:g}{unit}",
            values,
            table,
            cases,
            "higher",
            meaning=f"{meaning}, {_MEAN}",
            setting=f"tolerance {tolerance:g} {unit}",
        )
    name, meaning = _LENGTHS[kind]
    return _mean_over_images(
        f"mask_{name}_{unit}",
        values,
        table,
        cases,
        "lower",
        unit=unit,
        meaning=f"{meaning}, {_MEAN}",
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
