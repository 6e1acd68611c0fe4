"""Figures as tables in the terminal."""

from __future__ import annotations

from rich.table import Table

from polyclinic.data.degrade import LEVELS
from polyclinic.evaluation.compare import Comparison
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.evaluation.stress import Stress
from polyclinic.metrics.judges.measured import figure_names
from polyclinic.metrics.metric import Metric

ELSEWHERE = ("measurements", "as published", "knees by landmark", "knees by grade")
"""Groups that the report shows in full."""

WORDS = ("unit", "better", "stress")
"""Columns that hold no numbers."""


def figure_table(evaluation: Evaluation) -> Table:
    """Value, interval and baseline of the main figures and of every kind of annotation."""
    main = {metric.name for metric in evaluation.headline()}
    table = _table("figure", "value", "95 % interval", "baseline", "unit")
    for one in evaluation.metrics:
        if one.group not in ELSEWHERE or one.name in main:
            table.add_row(
                f"[bold]{one.name}[/]" if one.name in main else one.name,
                _number(one.value),
                _interval(one.lower, one.upper),
                "" if one.baseline is None else _number(one.baseline),
                "" if one.unit == "1" else one.unit,
            )
    return table


def measured_table(evaluation: Evaluation) -> Table:
    """One row a quantity: error, bias, limits of agreement, coverage of the intervals."""
    table = _table("measurement", "MAE", "95 % interval", "bias", "limits", "covered", "unit")
    for name, pair in zip(figure_names(evaluation.pairs), evaluation.pairs, strict=True):
        mae, bias, lower, upper, coverage = (
            evaluation.metric(f"{name}_{suffix}")
            for suffix in ("mae", "bias", "lower_limit", "upper_limit", "coverage")
        )
        if mae is None or mae.value is None:
            continue
        table.add_row(
            name,
            _number(mae.value),
            _interval(mae.lower, mae.upper),
            _value(bias),
            _interval(
                None if lower is None else lower.value, None if upper is None else upper.value
            ),
            _value(coverage),
            "" if pair.unit == "1" else pair.unit,
        )
    return table


def difference_table(comparison: Comparison) -> Table:
    """Two readers, figure by figure."""
    table = _table(
        "figure", comparison.first, comparison.second, "difference", "95 % interval", "better"
    )
    names = {"first": comparison.first, "second": comparison.second, "": ""}
    for one in comparison.differences:
        if one.group not in ELSEWHERE:
            table.add_row(
                one.name,
                _number(one.first),
                _number(one.second),
                _number(one.difference),
                _interval(one.lower, one.upper),
                names[one.verdict],
            )
    return table


def stress_table(stress: Stress) -> Table:
    """The main figures by kind and level of degradation."""
    levels = [f"level {level}" for level in range(LEVELS)]
    table = _table("figure", "stress", *levels, "unit")
    for name in stress.names:
        for kind in stress.kinds:
            curve = stress.curve(kind.name, name)
            unit = "" if curve[0].unit == "1" else curve[0].unit
            table.add_row(name, kind.name, *(_number(one.value) for one in curve), unit)
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False)
    table.add_column(first, no_wrap=True)
    for heading in others:
        table.add_column(heading, justify="left" if heading in WORDS else "right")
    return table


def _value(metric: Metric | None) -> str:
    return "-" if metric is None else _number(metric.value)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f"{lower:.3f} - {upper:.3f}"
