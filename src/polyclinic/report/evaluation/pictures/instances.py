"""Instances: what is found at which price, which class was taken for which, landmark errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.evaluation.evaluate import Evaluation
from polyclinic.metrics.classify.bands import GRID, share_band
from polyclinic.metrics.classify.calibration import reliability_bins
from polyclinic.metrics.classify.counts import top_class
from polyclinic.metrics.classify.temperature import HitClasses, apply_temperature, hit_classes
from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.detect.finds import Finds, finds_of
from polyclinic.metrics.figure import Values
from polyclinic.metrics.froc import precision_at, sensitivities
from polyclinic.metrics.judges.landmarks import in_length
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.report.contents import Plot
from polyclinic.report.plots import (
    Curve,
    Frame,
    Reliability,
    confusion_matrix,
    curves_with_bands,
    landmark_error_curves,
    reliability_diagram,
)

FALSE_FINDS = np.geomspace(1 / 8, 8, 49)
LEAST_SCORES = 3
"""Stored readings often hold one score for all; a curve over scores has then nothing to say."""


def instance_plots(evaluation: Evaluation) -> Iterator[Plot]:
    """Plots of found and matched instances."""
    subject = evaluation.subject
    every = match_cases(subject.cases, by_class=True, min_score=0.0)
    if not every:
        return
    yield from _curves(every, evaluation)
    matched, of_class = (
        match_cases(subject.cases, by_class=one, min_score=subject.accept) for one in (False, True)
    )
    if len(evaluation.cohort.classes) > 1:
        table = confusion(matched)
        yield Plot(
            title="Classes",
            png=confusion_matrix(table.classes, table.counts),
            caption="Rows are annotated, columns are read.",
        )
    classes = hit_classes(matched)
    if classes is not None:
        temperature = None if subject.calibration is None else subject.calibration.temperature
        yield _reliability(classes, temperature)
    yield from _landmarks(evaluation, of_class)


def _curves(every: Sequence[MatchedCase], evaluation: Evaluation) -> Iterator[Plot]:
    """Only the images that were looked at for instances, and their patients."""
    place = {sample.image_id: row for row, (sample, _) in enumerate(evaluation.subject.cases)}
    patients = evaluation.patients[[place[one.case[0].image_id] for one in every]]
    finds = finds_of(every, np.arange(len(every)), len(every))
    if len(np.unique(finds.score)) < LEAST_SCORES or not finds.annotated.any():
        return
    yield _precision(finds, patients)
    yield _free_response(finds, patients)


def _precision(finds: Finds, patients: NDArray[np.intp]) -> Plot:
    def at(weights: Values) -> Values:
        return precision_at(finds, weights, GRID)

    band = share_band(at, GRID, patients, finds.annotated[None])
    curve = Curve(name="", x=GRID, y=at(np.ones(len(patients))), lower=band.lower, upper=band.upper)
    return Plot(
        title="Instances: precision against recall",
        png=curves_with_bands([curve], Frame(x="recall", y="precision", x_limits=(0, 1))),
        caption="Best precision at a recall or beyond, over scores; a hit overlaps by half and "
        "has the right class. Shaded: 95 % band over patients.",
    )


def _free_response(finds: Finds, patients: NDArray[np.intp]) -> Plot:
    def at(weights: Values) -> Values:
        return sensitivities(finds, weights[None], FALSE_FINDS)[0]

    band = share_band(at, FALSE_FINDS, patients, finds.annotated[None])
    curve = Curve(
        name="",
        x=FALSE_FINDS,
        y=at(np.ones(len(patients))),
        lower=band.lower,
        upper=band.upper,
    )
    frame = Frame(x="false finds an image", y="sensitivity", x_log=True)
    return Plot(
        title="Instances: free response (FROC)",
        png=curves_with_bands([curve], frame),
        caption="Share of annotated instances found at so many false finds an image. Shaded: "
        "95 % band over patients.",
    )


def _reliability(classes: HitClasses, temperature: float | None) -> Plot:
    sets = [_bins("as read", classes.probabilities, classes.true)]
    if temperature is not None:
        cooled = apply_temperature(classes.probabilities, temperature)
        name = f"temperature {temperature:.2f}, from calibration patients"
        sets.append(_bins(name, cooled, classes.true))
    return Plot(
        title="Classes: reliability",
        png=reliability_diagram(sets),
        caption="On the dotted line a probability is right as often as it says; below, it "
        "promises too much.",
    )


def _bins(name: str, probabilities: Values, true: NDArray[np.intp]) -> Reliability:
    said, confidence = top_class(probabilities)
    bins = reliability_bins(confidence, np.asarray(said == true))
    return Reliability(
        name=name, confidence=bins.confidence, share=bins.frequency, counts=bins.count
    )


def _landmarks(evaluation: Evaluation, matched: Sequence[MatchedCase]) -> Iterator[Plot]:
    schema = evaluation.cohort.landmark_schema
    if schema is None:
        return
    errors = radial_errors(matched, schema)
    if errors.labelled.any():
        distances, unit = in_length(evaluation.subject.cases, errors)
        yield Plot(
            title="Landmark error",
            png=landmark_error_curves(errors.names, distances, errors.labelled, unit=unit),
            caption="Share of annotated landmarks, those of missed instances too, within a "
            "distance (PCK at every threshold).",
        )
