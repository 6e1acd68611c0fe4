"""Instances: which class was taken for which, how far landmarks lie off."""

from __future__ import annotations

from collections.abc import Iterator

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.report.contents import Plot
from polyclinic.report.plots import confusion_matrix, landmark_error_curves


def instance_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """Plots of matched instances."""
    matched = match_cases(evaluation.subject.cases, min_score=evaluation.subject.accept)
    if not matched:
        return
    if len(evaluation.cohort.classes) > 1:
        table = confusion(matched)
        yield Plot(
            title="Classes",
            png=confusion_matrix(table.classes, table.counts),
            caption="Rows are annotated, columns are read.",
        )
    schema = evaluation.cohort.landmark_schema
    if schema is not None:
        errors = radial_errors(matched, schema)
        if errors.labelled.any():
            yield Plot(
                title="Landmark error",
                png=landmark_error_curves(errors.names, errors.px, errors.labelled, unit="px"),
                caption="Share of annotated landmarks of matched instances within a distance "
                "(PCK at every threshold).",
            )
