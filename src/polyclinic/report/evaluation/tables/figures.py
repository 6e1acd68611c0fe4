"""All figures, kind by kind; measurements in one row a quantity."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.figure import Metric
from polyclinic.metrics.judges.measured import figure_names
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.segmentation.overlap import EMPTY_CASE_POLICY
from polyclinic.metrics.segmentation.table import empty_cases
from polyclinic.reading.measurement import shown_unit
from polyclinic.report.contents import RESTORED_NOTICE, Cell, Table, limits, metric_table, spread
from polyclinic.report.numbers import spoken_name

HEADINGS = {"patients": "Findings by patient"}
NOTES = {
    "patients": "One answer a patient: mean log probabilities of all images that could be read, "
    "normalised again. Subgroups of images hold the patients of whom they hold all images.",
    "restoration": RESTORED_NOTICE,
    "as published": "Quantities as the authors of the recipe compute them, for comparison with "
    "their paper; the meaning says what each of them really is.",
}
ERRORS = ("made", "mae", "bias", "lower_limit", "upper_limit")
FURTHER = (
    ("icc", "ICC"),
    ("ccc", "CCC"),
    ("deming_slope", "Deming slope"),
    ("coverage", "coverage"),
    ("interval_width", "width"),
)


def figure_tables(evaluation: Evaluation) -> Iterator[Table]:
    """One table a kind of annotation; measurements in one row a quantity."""
    groups: dict[str, list[Metric]] = {}
    for metric in evaluation.metrics:
        groups.setdefault(metric.group, []).append(metric)
    for group, metrics in groups.items():
        title = HEADINGS.get(group) or spoken_name(group or "figures")
        if group == "measurements":
            yield from measured_tables(evaluation)
            suffixes = (*ERRORS, *(suffix for suffix, _ in FURTHER))
            names = figure_names(evaluation.pairs)
            listed = {f"{name}_{suffix}" for name in names for suffix in suffixes}
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


def measured_tables(evaluation: Evaluation) -> Iterator[Table]:
    """How measurements agree with those of the annotations, one row a quantity."""
    names = figure_names(evaluation.pairs)
    quantities = list(zip(names, evaluation.pairs, strict=True))
    yield Table(
        title="Measurements: read against annotated",
        columns=(
            *("quantity", "unit", "made", "not made", "MAE", "95 % interval"),
            *("median error (quartiles)", "baseline", "bias", "limits"),
        ),
        rows=tuple(_errors(evaluation, name, pair) for name, pair in quantities),
        note="Not made: annotated, but the reader gave a reason instead of a value, missed the "
        "object or could not read the image; the figures are of those made. The annotation is "
        "measured by the same formula, or its value is given in the data. MAE: mean absolute "
        "error; baseline: always the median of the annotated values. Limits: of agreement, bias -+ "
        "1.96 SD.",
    )
    yield Table(
        title="Measurements: agreement and intervals",
        columns=("quantity", "unit", *(heading for _, heading in FURTHER)),
        rows=tuple(_agreement(evaluation, name, pair) for name, pair in quantities),
        note="ICC(2,1), concordance (CCC) and Deming slope are 1 at best. Coverage: share of 95 % "
        "intervals that hold the annotated value; width: their median. A dash where no interval "
        "is stated.",
    )


def _errors(evaluation: Evaluation, name: str, pair: MeasuredPairs) -> tuple[Cell, ...]:
    mae = evaluation.metric(f"{name}_mae")
    return (
        name,
        shown_unit(pair.unit),
        int(np.isfinite(pair.found).sum()),
        int(np.isnan(pair.found).sum()),
        None if mae is None else mae.value,
        None if mae is None else limits(mae.lower, mae.upper),
        "" if mae is None else spread(mae),
        None if mae is None else mae.baseline,
        _value(evaluation, f"{name}_bias"),
        limits(
            _value(evaluation, f"{name}_lower_limit"), _value(evaluation, f"{name}_upper_limit")
        ),
    )


def _agreement(evaluation: Evaluation, name: str, pair: MeasuredPairs) -> tuple[Cell, ...]:
    cells = (_value(evaluation, f"{name}_{suffix}") for suffix, _ in FURTHER)
    return (name, shown_unit(pair.unit), *cells)


def _value(evaluation: Evaluation, name: str) -> float | None:
    metric = evaluation.metric(name)
    return None if metric is None else metric.value
