"""Two readers side by side, folds, subgroups."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.evaluate import Evaluation, by_fold
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.contents import Cell, Table, limits, with_interval
from polyclinic.report.numbers import spoken_name


def comparison_table(evaluation: Evaluation) -> Table | None:
    """Two readers side by side; None when there is one."""
    comparison = evaluation.comparison
    if comparison is None:
        return None
    names = {"first": comparison.first, "second": comparison.second, "": ""}
    return Table(
        title="",
        columns=(
            *("figure", "", comparison.first, comparison.second, "difference", "95 % interval"),
            *("unit", "better", "left out"),
        ),
        rows=tuple(
            (
                one.name,
                one.role,
                one.first,
                one.second,
                one.difference,
                limits(one.lower, one.upper),
                shown_unit(one.unit),
                names[one.verdict],
                "{} and {}".format(*one.left_out) if any(one.left_out) else "",
            )
            for one in comparison.differences
        ),
        note=f"Both readers on the same {comparison.images} images, of which they could not read "
        "{} and {}; the interval is of the difference, both over the same patients. Better is "
        "named where the interval leaves 0 out, and never for a reader that left out more than "
        "the other. One figure is primary, declared by the recipe before anybody looked; with so "
        "many secondary ones, some will leave 0 out by chance.".format(*comparison.unread),
    )


def flow_table(evaluation: Evaluation) -> Table:
    """How many images and patients each task was judged on, and what became of the others."""
    parts = ("found", "not annotated", "unreadable", "used")
    return Table(
        title="Participants",
        columns=("", *(f"{part}: {kind}" for part in parts for kind in ("images", "patients"))),
        rows=tuple(
            (
                spoken_name(one.task),
                *(
                    count
                    for part in (one.found, one.not_annotated, one.unreadable, one.used)
                    for count in (part.images, part.patients)
                ),
            )
            for one in evaluation.flow
        ),
        note=f"Of {len(evaluation.cohort)} images in the data. Found: in the judged part. "
        "Unreadable: annotated, but the reader gave nothing; counted as wrong wherever a figure "
        "can, else as left out. A patient is used with any image that is.",
    )


def fold_table(evaluation: Evaluation) -> Table | None:
    """The main figures of each fold, their mean and spread, and pooled; None without folds."""
    folds = evaluation.subject.folds
    if folds is None:
        return None
    named = {metric.name: metric for metric in evaluation.headline()}
    by_name = [figure for figure in evaluation.figures if figure.name in named]
    values = by_fold(by_name, folds)
    rows: list[tuple[Cell, ...]] = []
    for figure in by_name:
        of_folds = [values[fold][figure.name] for fold in values]
        known = [value for value in of_folds if value is not None]
        rows.append(
            (
                spoken_name(figure.name),
                *of_folds,
                float(np.mean(known)) if known else None,
                float(np.std(known, ddof=1)) if len(known) > 1 else None,
                named[figure.name].value,
            )
        )
    return Table(
        title="",
        columns=("figure", *(f"fold {fold}" for fold in values), "mean", "SD", "pooled"),
        rows=tuple(rows),
        note="Pooled: all out-of-fold readings together, as everywhere else in this report.",
    )


def subgroup_tables(evaluation: Evaluation) -> Iterator[Table]:
    """One table an attribute: the main figures of each of its values."""
    attributes = dict.fromkeys(one.attribute for one in evaluation.subgroups)
    for attribute in attributes:
        groups = [one for one in evaluation.subgroups if one.attribute == attribute]
        names = [metric.name for metric in groups[0].metrics]
        yield Table(
            title=spoken_name(attribute),
            columns=("", "images", "patients", *map(spoken_name, names)),
            rows=tuple(
                (
                    one.value,
                    one.images,
                    one.patients,
                    *(with_interval(metric) for metric in one.metrics),
                )
                for one in groups
            ),
        )
