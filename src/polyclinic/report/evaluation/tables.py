"""The tables of an evaluation."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.cases import case_table
from polyclinic.evaluation.evaluate import Evaluation, by_fold
from polyclinic.metrics.judges.measured import figure_names
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.segmentation.empty import EMPTY_CASE_POLICY
from polyclinic.metrics.segmentation.table import empty_cases
from polyclinic.reading.units import shown_unit
from polyclinic.report.contents import Cell, Limits, Table, metric_table
from polyclinic.report.names import spoken_name
from polyclinic.report.numbers import interval, number

NOTES = {
    "as published": "Quantities as the authors of the recipe compute them, for comparison with "
    "their paper; the meaning says what each of them really is.",
}
AGREEMENT = ("mae", "bias", "lower_limit", "upper_limit", "icc", "ccc", "coverage")


def figure_tables(evaluation: Evaluation) -> Iterator[Table]:
    """One table a kind of annotation; measurements in one row a quantity."""
    groups: dict[str, list[Metric]] = {}
    for metric in evaluation.metrics:
        groups.setdefault(metric.group, []).append(metric)
    for group, metrics in groups.items():
        title = spoken_name(group) if group else "Figures"
        if group == "measurements":
            yield measured_table(evaluation)
            names = figure_names(evaluation.pairs)
            listed = {f"{name}_{suffix}" for name in names for suffix in AGREEMENT}
            metrics = [metric for metric in metrics if metric.name not in listed]
        if metrics:
            yield metric_table(title, metrics, note=NOTES.get(group, ""))
        if group == "masks":
            yield empty_table(evaluation)


def empty_table(evaluation: Evaluation) -> Table:
    """On how many images masks were annotated, found, both or neither."""
    found = empty_cases(evaluation.subject.cases, evaluation.subject.accept)
    return Table(
        title="Images without masks",
        columns=("class", "annotated and found", "annotated only", "found only", "neither"),
        rows=tuple(
            (one.name or "any", one.both, one.only_annotated, one.only_found, one.neither)
            for one in found
        ),
        note=EMPTY_CASE_POLICY,
    )


def measured_table(evaluation: Evaluation) -> Table:
    """How measurements agree with those of the annotations, one row a quantity."""
    names = figure_names(evaluation.pairs)
    rows = [
        _measured_row(evaluation, name, pair)
        for name, pair in zip(names, evaluation.pairs, strict=True)
    ]
    return Table(
        title="Measurements: read against annotated",
        columns=(
            *("quantity", "unit", "made", "not made", "MAE", "95 % interval", "baseline"),
            *("bias", "limits", "ICC", "CCC", "coverage"),
        ),
        rows=tuple(rows),
        note="Not made: annotated, but the reader gave a reason instead of a value. The annotation "
        "is measured by the same formula, or its value is given in the data. "
        "MAE: mean absolute error; baseline: always the median of the annotated values. Limits: of "
        "agreement, bias -+ 1.96 SD. Coverage: share of 95 % intervals "
        "that hold the annotated value; a dash where no interval is stated.",
    )


def _measured_row(evaluation: Evaluation, name: str, pair: MeasuredPairs) -> tuple[Cell, ...]:
    found = {suffix: evaluation.metric(f"{name}_{suffix}") for suffix in AGREEMENT}

    def value(suffix: str) -> float | None:
        metric = found[suffix]
        return None if metric is None else metric.value

    mae, limits = found["mae"], (value("lower_limit"), value("upper_limit"))
    return (
        name,
        shown_unit(pair.unit),
        int(np.isfinite(pair.found).sum()),
        int(np.isnan(pair.found).sum()),
        value("mae"),
        None if mae is None else _limits(mae.lower, mae.upper),
        None if mae is None else mae.baseline,
        value("bias"),
        _limits(*limits),
        value("icc"),
        value("ccc"),
        value("coverage"),
    )


def comparison_table(evaluation: Evaluation) -> Table | None:
    """Two readers side by side; None when there is one."""
    comparison = evaluation.comparison
    if comparison is None:
        return None
    names = {"first": comparison.first, "second": comparison.second, "": ""}
    main = [metric.name for metric in evaluation.headline()]
    ordered = sorted(comparison.differences, key=lambda one: one.name not in main)
    return Table(
        title="",
        columns=(
            *("figure", comparison.first, comparison.second, "difference", "95 % interval"),
            *("unit", "better"),
        ),
        rows=tuple(
            (
                one.name,
                one.first,
                one.second,
                one.difference,
                _limits(one.lower, one.upper),
                shown_unit(one.unit),
                names[one.verdict],
            )
            for one in ordered
        ),
        note=f"Both readers on the same {comparison.images} images; the interval is of the "
        "difference, both on the same drawn patients. Better is named where the interval leaves "
        "0 out; with many figures some will do so by chance.",
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
                    *(_with_interval(metric) for metric in one.metrics),
                )
                for one in groups
            ),
        )


def patient_table(evaluation: Evaluation) -> Table | None:
    """One row a patient, one column a quantity that the recipe pools; None where it pools none."""
    subject = evaluation.subject
    if subject.recipe is None:
        return None
    readings = [reading for _, reading in evaluation.reported]
    pooled = subject.recipe.measure_patients(readings, subject.config)
    if not pooled:
        return None
    names = list(dict.fromkeys((m.name, m.unit) for rows in pooled.values() for m in rows))
    values = {p: {(m.name, m.unit): m.value for m in rows} for p, rows in pooled.items()}
    headings = (f"{spoken_name(n)} ({u})" if u != "1" else spoken_name(n) for n, u in names)
    return Table(
        title="Patients",
        columns=("patient", *headings),
        rows=tuple((p, *(values[p].get(key) for key in names)) for p in sorted(values)),
        note="Means over the evaluable images of a patient; counts are sums.",
    )


def case_rows(evaluation: Evaluation) -> Table:
    """One row a case."""
    table = case_table(evaluation)
    rows: list[tuple[Cell, ...]] = [
        tuple(_cell(value) for value in row) for row in table.itertuples(index=False, name=None)
    ]
    return Table(
        title="",
        columns=tuple(str(name) for name in table.columns),
        rows=tuple(rows),
        note="The same rows, all of them, are in cases.csv.",
    )


def _cell(value: object) -> Cell:
    if isinstance(value, float | np.floating):
        return None if np.isnan(value) else float(value)
    if isinstance(value, int | np.integer):
        return int(value)
    return None if value is None else str(value)


def _with_interval(metric: Metric) -> str:
    limits = _limits(metric.lower, metric.upper)
    return number(metric.value) + ("" if limits is None else f" ({interval(limits)})")


def _limits(lower: float | None, upper: float | None) -> Limits | None:
    return None if lower is None or upper is None else (lower, upper)
