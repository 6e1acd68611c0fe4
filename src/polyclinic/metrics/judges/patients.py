"""The figures by which whole-image findings are judged patient by patient."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from polyclinic.metrics.case import Case
from polyclinic.metrics.classify.patient_answers import PatientAnswers, patient_answers
from polyclinic.metrics.classify.task_figures import TaskFigures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges.findings import right_answers, task_figures

GROUP = "patients"


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """The figures of findings once more, each patient one answer pooled over the images.

    Given where a patient has several images. Their names begin with `patient_`. A subgroup
    of images holds the patients of whom it holds all images (`PatientAnswers.whole`).

    Args:
        cases: samples with readings.
        accept: without meaning here.
    """
    return [
        _by_patient(figure, one)
        for one in patient_answers(cases)
        for figure in _of_task(one, cases)
    ]


def _by_patient(figure: Figure, one: PatientAnswers) -> Figure:
    baseline = figure.baseline
    return replace(
        figure,
        weighted=lambda weights: figure.weighted(one.whole(weights)),
        baseline=None if baseline is None else lambda weights: baseline(one.whole(weights)),
        by_case=None,
        note="; ".join(filter(None, (figure.note, one.left_out))),
    )


def _of_task(one: PatientAnswers, cases: Sequence[Case]) -> list[Figure]:
    named = replace(one.answers, task=f"patient_{one.answers.task}")
    make = TaskFigures(named, len(cases), GROUP)
    usual = task_figures(make, cases)
    return [right_answers(make), *usual] if len(named.values) == 2 else usual
