"""Whole-image findings: ROC, precision against recall, reliability, confusion."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.classify.answers import Answers, finding_answers
from polyclinic.metrics.classify.bands import pr_band, roc_band
from polyclinic.metrics.classify.calibration import reliability_bins
from polyclinic.metrics.classify.counts import top_class
from polyclinic.metrics.classify.curves import pr_points, roc_points
from polyclinic.metrics.classify.patient_answers import patient_answers
from polyclinic.report.contents import Plot
from polyclinic.report.numbers import spoken_name
from polyclinic.report.plots import (
    Curve,
    Frame,
    Reliability,
    confusion_matrix,
    curves_with_bands,
    reliability_diagram,
)

CHANCE = ((0.0, 0.0), (1.0, 1.0))
MOST_VALUES = 5
"""Curves of one plot; of more values only confusion and reliability are shown."""


def finding_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """Plots of every whole-image task that was annotated and read.

    Reliability and confusion are shown of images, and beside them of patients, where a patient
    has several images.
    """
    pooled = {one.answers.task: one for one in patient_answers(evaluation.reported)}
    for answers in finding_answers(evaluation.reported):
        patients = evaluation.patients[answers.rows]
        title = spoken_name(answers.task)
        positives = _positives(answers)
        if positives:
            yield _roc(title, positives, patients)
            yield _precision(title, positives, patients)
        shown = [(title, answers, answers.note)]
        if (of_patients := pooled.get(answers.task)) is not None:
            named = f"{title} by patient"
            shown.append((named, of_patients.answers, of_patients.note))
        yield from (_reliability(name, some) for name, some, _ in shown)
        yield from (_confusion(name, some, note) for name, some, note in shown)


OneValue = tuple[str, NDArray[np.float64], NDArray[np.bool_]]


def _positives(answers: Answers) -> list[OneValue]:
    """(name, score, whether it is so) of each value; of two values only the positive one."""
    count = len(answers.values)
    if count > MOST_VALUES:
        return []
    shown = [1] if count == 2 else range(count)
    found = [
        (answers.values[k], answers.probabilities[:, k], np.asarray(answers.true == k))
        for k in shown
    ]
    return [one for one in found if one[2].any() and not one[2].all()]


def _roc(title: str, positives: list[OneValue], patients: NDArray[np.intp]) -> Plot:
    curves = []
    for name, score, positive in positives:
        points, band = roc_points(score, positive), roc_band(score, positive, patients)
        height = np.interp(band.grid, points.x, points.y)
        curves.append(Curve(name=name, x=band.grid, y=height, lower=band.lower, upper=band.upper))
    frame = Frame(x="1 - specificity", y="sensitivity", x_limits=(0, 1), chance=CHANCE)
    return Plot(
        title=f"{title}: sensitivity against specificity",
        png=curves_with_bands(curves, frame),
        caption="Shaded: 95 % band over patients, at each place alone. Dotted: chance.",
    )


def _precision(title: str, positives: list[OneValue], patients: NDArray[np.intp]) -> Plot:
    curves = []
    for name, score, positive in positives:
        points, band = pr_points(score, positive), pr_band(score, positive, patients)
        height = points.y[1:][np.searchsorted(points.x[1:], band.grid, side="left")]
        share = f"{name}: {positive.mean():.0%} of images"
        curves.append(
            Curve(name=share, x=band.grid, y=height, lower=band.lower, upper=band.upper, steps=True)
        )
    frame = Frame(x="recall", y="precision", x_limits=(0, 1))
    return Plot(
        title=f"{title}: precision against recall",
        png=curves_with_bands(curves, frame),
        caption="Shaded: 95 % band over patients. Chance is the share of images in the legend.",
    )


def _reliability(title: str, every: Answers) -> Plot:
    answers = every.readable()
    said, confidence = top_class(answers.probabilities)
    happened, name = np.asarray(said == answers.true), "likeliest value"
    if len(answers.values) == 2:
        confidence, happened = answers.probabilities[:, 1], answers.true == 1
        name = answers.values[1]
    bins = reliability_bins(np.where(answers.failed, np.nan, confidence), happened)
    shown = Reliability(
        name=name, confidence=bins.confidence, share=bins.frequency, counts=bins.count
    )
    return Plot(
        title=f"{title}: reliability",
        png=reliability_diagram([shown]),
        caption="On the dotted line what was stated with a probability comes true as often; "
        "below it, less often.",
    )


def _confusion(title: str, answers: Answers, note: str) -> Plot:
    return Plot(
        title=f"{title}: values",
        png=confusion_matrix(answers.values, _confused(answers)),
        caption=f"Rows are annotated, columns are read. {note}".strip(),
    )


def _confused(answers: Answers) -> NDArray[np.intp]:
    counts = np.zeros((len(answers.values),) * 2, np.intp)
    said = ~answers.failed
    np.add.at(counts, (answers.true[said], answers.said[said]), 1)
    return counts
