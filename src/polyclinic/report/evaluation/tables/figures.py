"""All figures, kind by kind; measurements in one row a quantity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.judges.measured import figure_names
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.segmentation.empty import EMPTY_CASE_POLICY
from polyclinic.metrics.segmentation.table import empty_cases
from polyclinic.reading.units import shown_unit
from polyclinic.report.contents import Cell, Table, limits, metric_table, with_interval
from polyclinic.report.names import spoken_name

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
            *("quantity", "unit", "made", "not made", "MAE (95 % interval)", "baseline"),
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

    mae = found["mae"]
    return (
        name,
        shown_unit(pair.unit),
        int(np.isfinite(pair.found).sum()),
        int(np.isnan(pair.found).sum()),
        None if mae is None else with_interval(mae),
        None if mae is None else mae.baseline,
        value("bias"),
        limits(value("lower_limit"), value("upper_limit")),
        value("icc"),
        value("ccc"),
        value("coverage"),
    )
