"""How measurements agree, and whether doubt foretells error."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.agree.limits import Estimate
from polyclinic.metrics.judges.measured import figure_names
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.risk import risk_curve
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.contents import Plot
from polyclinic.report.numbers import number, spoken_name
from polyclinic.report.plots import Curve, Frame, bland_altman, curves_with_bands

MOST_QUANTITIES = 6
LEAST_PAIRS = 10
LINES = ("bias", "lower_limit", "upper_limit")


def measured_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """Bland-Altman and risk-coverage plots of the first quantities that vary."""
    shown = [
        (name, pair)
        for name, pair in zip(figure_names(evaluation.pairs), evaluation.pairs, strict=True)
        if np.isfinite(pair.found).sum() > 1 and np.ptp(pair.true) > 0
    ][:MOST_QUANTITIES]
    for name, pair in shown:
        yield _agreement(evaluation, name, pair)
    for _, pair in shown[:2]:
        yield from _risk(pair)


def _agreement(evaluation: Evaluation, name: str, pair: MeasuredPairs) -> Plot:
    spoken = spoken_name(pair.name)
    return Plot(
        title=f"{spoken}: read against annotated",
        png=bland_altman(
            pair.found,
            pair.true,
            name=spoken,
            unit=shown_unit(pair.unit) or "1",
            estimates=_estimates(evaluation, name),
        ),
        caption="Each point is one pair; lines are bias and limits of agreement, shaded are their "
        "95 % intervals over patients.",
    )


def _estimates(evaluation: Evaluation, name: str) -> tuple[Estimate, Estimate, Estimate] | None:
    found = [evaluation.metric(f"{name}_{suffix}") for suffix in LINES]
    bias, lower, upper = (
        Estimate(value=one.value, lower=one.lower, upper=one.upper) if one else None
        for one in found
    )
    return (bias, lower, upper) if bias and lower and upper else None


def _risk(pair: MeasuredPairs) -> Iterator[Plot]:
    curve = risk_curve(pair.error, pair.doubt)
    if curve is None or len(curve.kept) < LEAST_PAIRS:
        return
    unit = shown_unit(pair.unit) or "1"
    lines = [
        Curve(
            name=f"most doubtful refused first (area {number(curve.area)})",
            x=curve.kept,
            y=curve.error,
        ),
        Curve(
            name=f"largest errors refused first ({number(curve.area_best)})",
            x=curve.kept,
            y=curve.best,
        ),
        Curve(
            name=f"refused at random ({number(curve.area_random)})",
            x=[0, 1],
            y=[curve.area_random] * 2,
        ),
    ]
    frame = Frame(
        x="share of measurements kept",
        y=f"mean absolute error ({unit})",
        x_limits=(0, 1),
        y_limits=None,
    )
    yield Plot(
        title=f"{spoken_name(pair.name)}: what refusing the doubtful would buy",
        png=curves_with_bands(lines, frame),
        caption="Error of what is kept. Doubt is of use where its curve runs below the level line "
        "of refusing at random.",
    )
