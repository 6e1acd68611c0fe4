"""What is left of the main figures on degraded images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.data.degrade import LEVELS
from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.evaluation.stress import Stress
from polyclinic.metrics.figure import Metric
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.contents import Cell, Plot, Stressed, Table, with_interval
from polyclinic.report.numbers import number, spoken_name
from polyclinic.report.plots.band import Curve, Frame, curves_with_bands

CAPTION = (
    "Bands are 95 % intervals over the same patients at every level: curves are compared "
    "more sharply than their bands suggest."
)


def stress_section(evaluation: Evaluation) -> Stressed | None:
    """A plot a figure, and all of them in numbers; None where nothing was put under stress."""
    stress = evaluation.stress
    if stress is None:
        return None
    plots = (_plot(stress, name) for name in stress.names)
    return Stressed(plots=tuple(plot for plot in plots if plot is not None), table=_table(stress))


def _plot(stress: Stress, name: str) -> Plot | None:
    curves = [_curve(kind.name, stress.curve(kind.name, name)) for kind in stress.kinds]
    if not any(np.isfinite(np.asarray(curve.y)).any() for curve in curves):
        return None
    unit = shown_unit(stress.levels[0].metric(name).unit)
    spoken = spoken_name(name)
    frame = Frame(
        x="level of degradation",
        y=f"{spoken} ({unit})" if unit else spoken,
        y_limits=None,
        x_ticks=range(LEVELS),
    )
    return Plot(
        title=f"{spoken} under stress", png=curves_with_bands(curves, frame), caption=CAPTION
    )


def _curve(kind: str, metrics: Sequence[Metric]) -> Curve:
    bounded = any(one.lower is not None for one in metrics)
    return Curve(
        name=kind,
        x=np.arange(LEVELS),
        y=_numbers([one.value for one in metrics]),
        lower=_numbers([one.lower for one in metrics]) if bounded else None,
        upper=_numbers([one.upper for one in metrics]) if bounded else None,
    )


def _numbers(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]


def _table(stress: Stress) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (
            spoken_name(name),
            kind.name,
            *(with_interval(metric) for metric in stress.curve(kind.name, name)),
        )
        for name in stress.names
        for kind in stress.kinds
    ]
    strengths = "; ".join(
        f"{kind.name} {', '.join(number(one) for one in kind.strengths)} ({kind.strength})"
        for kind in stress.kinds
    )
    return Table(
        title="",
        columns=("figure", "stress", *(f"level {level}" for level in range(LEVELS))),
        rows=tuple(rows),
        note=f"Level 0 is the image as it is. Levels 1 to 4: {strengths}.",
    )
