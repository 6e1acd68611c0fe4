"""Figures as tables in the terminal."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from rich.table import Table

from polyclinic.console import styled
from polyclinic.data.degrade import LEVELS
from polyclinic.evaluation.compare import Comparison
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.evaluation.stress import Stress
from polyclinic.metrics.figure import Metric
from polyclinic.metrics.judges.measured import figure_names

ELSEWHERE = ("measurements", "as published", "knees by landmark", "knees by grade")
"""Groups that the report shows in full."""

WORDS = ("unit", "better", "stress", "setting", "role")
"""Columns that hold no numbers."""


def figure_table(evaluation: Evaluation) -> Table:
    """Value, interval and baseline of the main figures and of every kind of annotation.

    Beside them stand the median and quartiles of what a mean is the mean of, how much a figure
    leaves out, and what it depends on, where there is any of it. `without_value` says which of
    the others have no value.
    """
    main = {metric.name for metric in evaluation.headline()}
    shown = [
        one
        for one in evaluation.metrics
        if (one.group not in ELSEWHERE and one.value is not None) or one.name in main
    ]
    further: dict[str, Callable[[Metric], str]] = {
        "median (quartiles)": _spread,
        "left out": lambda one: str(one.left_out or ""),
        "setting": lambda one: one.setting,
    }
    said = {heading: cell for heading, cell in further.items() if any(map(cell, shown))}
    table = _table("figure", "value", "95 % interval", "baseline", "unit", *said)
    for one in shown:
        table.add_row(
            styled((one.name, "bold") if one.name in main else one.name),
            _number(one.value),
            _interval(one.lower, one.upper),
            "" if one.baseline is None else _number(one.baseline),
            "" if one.unit == "1" else one.unit,
            *(cell(one) for cell in said.values()),
        )
    return table


def flow_table(evaluation: Evaluation) -> Table:
    """How many images and patients each task was judged on, and what became of the others."""
    table = _table("images (patients)", "found", "not annotated", "unreadable", "used")
    for one in evaluation.flow:
        parts = (one.found, one.not_annotated, one.unreadable, one.used)
        table.add_row(one.task, *(f"{part.images} ({part.patients})" for part in parts))
    return table


def without_value(evaluation: Evaluation) -> list[str]:
    """Why figures that were asked for have no value, each reason once."""
    lost: dict[str, list[str]] = {}
    for one in evaluation.metrics:
        if one.value is None and one.group not in ELSEWHERE:
            lost.setdefault(one.note, []).append(one.name)
    return [
        f"{names[0]}{f' and {len(names) - 1} more' if len(names) > 1 else ''}: {reason}"
        for reason, names in lost.items()
    ]


def measured_table(evaluation: Evaluation) -> Table:
    """One row a quantity: error, bias, limits of agreement, coverage of the intervals."""
    table = _table(
        *("measurement", "made", "not made", "MAE", "95 % interval", "median error (quartiles)"),
        *("bias", "limits", "covered", "unit"),
    )
    for name, pair in zip(figure_names(evaluation.pairs), evaluation.pairs, strict=True):
        mae, bias, lower, upper, coverage = (
            evaluation.metric(f"{name}_{suffix}")
            for suffix in ("mae", "bias", "lower_limit", "upper_limit", "coverage")
        )
        if mae is None:
            continue
        table.add_row(
            name,
            str(int(np.isfinite(pair.found).sum())),
            str(int(np.isnan(pair.found).sum())),
            _number(mae.value),
            _interval(mae.lower, mae.upper),
            _spread(mae),
            _value(bias),
            _interval(
                None if lower is None else lower.value, None if upper is None else upper.value
            ),
            _value(coverage),
            "" if pair.unit == "1" else pair.unit,
        )
    return table


def difference_table(comparison: Comparison) -> Table:
    """Two readers, figure by figure; the primary one first."""
    table = _table(
        *("figure", comparison.first, comparison.second, "difference", "95 % interval"),
        *("role", "better", "left out"),
    )
    names = {"first": comparison.first, "second": comparison.second, "": ""}
    for one in comparison.differences:
        if one.group not in ELSEWHERE or one.role == "primary":
            table.add_row(
                styled((one.name, "bold") if one.role == "primary" else one.name),
                _number(one.first),
                _number(one.second),
                _number(one.difference),
                _interval(one.lower, one.upper),
                one.role,
                names[one.verdict],
                "{} and {}".format(*one.left_out) if any(one.left_out) else "",
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


def _spread(metric: Metric) -> str:
    if not metric.quartiles:
        return ""
    low, middle, high = metric.quartiles
    return f"{_number(middle)} ({_interval(low, high)})"


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _interval(lower: float | None, upper: float | None) -> str:
    return "" if lower is None or upper is None else f"{lower:.3f} - {upper:.3f}"
