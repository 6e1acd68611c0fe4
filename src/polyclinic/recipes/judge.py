"""Compare a reader with annotations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

import numpy as np

from polyclinic.console import ProgressCallback
from polyclinic.data import Cohort
from polyclinic.data.grey import UNKNOWN, Grey
from polyclinic.data.loading import refuse_other_size
from polyclinic.data.naming import Naming
from polyclinic.data.partner import sharp_as_stored
from polyclinic.errors import DataError, PolyclinicError
from polyclinic.metrics.case import Case
from polyclinic.metrics.detect.finds import finds_of
from polyclinic.metrics.fidelity import fidelity_of
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges import judge_kinds
from polyclinic.metrics.matching import match_cases
from polyclinic.reading import Reading
from polyclinic.reading.reading import NOT_READ
from polyclinic.sample import Sample

if TYPE_CHECKING:  # stored readings are judged without torch
    from polyclinic.recipes.recipe import Recipe
    from polyclinic.recipes.settings import RecipeConfig
    from polyclinic.runtime.reads import BaseReader
    from polyclinic.tasks import Task

Change = Callable[[Sample], Sample]


def read_cases(
    reader: BaseReader,
    cohort: Cohort,
    indices: Sequence[int],
    told: ProgressCallback | None = None,
    change: Change | None = None,
) -> list[Case]:
    """Read samples of a cohort, every candidate, and set each beside its annotation.

    An image that stands there once a rater is read once. Restored pixels are compared with the
    sharp partner while both are at hand, and not kept. Classes and landmarks of the annotations
    are given the order of the reader's, by name, see `polyclinic.data.naming`; what it does not
    read is not judged.

    Args:
        reader: reads them.
        cohort: holds them.
        indices: which of them, in order.
        told: called with images done and images in all.
        change: what is done to each loaded sample before it is read, such as to blur it.

    Raises:
        DataError: the data are of something else than what the reader reads.
    """
    naming = naming_of(reader, cohort)
    chosen = naming.cohort(cohort.subset(indices)).samples
    images = [list(some) for _, some in groupby(chosen, key=lambda one: one.image_id)]
    firsts = [some[0] for some in images]
    shown = (
        firsts if change is None else (_changed(sample, change, reader.grey) for sample in firsts)
    )
    cases: list[Case] = []
    beside = reader.with_candidates().read_beside(shown)
    for done, (some, (seen, reading)) in enumerate(zip(images, beside, strict=True), start=1):
        if reading.error is not None:
            reading = replace(reading, size=some[0].size)
        reading = without_restored(seen, _of_annotated_size(some[0], reading), reader.grey)
        reading = naming.reading(reading)
        same = change is None and some[0].size == reading.size
        kept = some if same else [_seen_by(one, seen, some[0]) for one in some]
        # A reading of its own for each: what is remembered of it is of one sample.
        cases += [(one, replace(reading)) for one in kept]
        if told is not None:
            told(done, len(images))
    return cases


def naming_of(reader: BaseReader, cohort: Cohort) -> Naming:
    """How the annotations of a data set are set beside what a reader says.

    Raises:
        DataError: they are of something else.
    """
    return Naming(
        own=(cohort.classes, cohort.landmark_schema),
        read=(reader.classes, reader.landmark_schema),
        not_taught=reader.provenance.get(NOT_READ, {}),
        where=cohort.name,
    )


def _of_annotated_size(sample: Sample, reading: Reading) -> Reading:
    """The reading, or why it can't be judged: objects were drawn on pixels of another size."""
    try:
        refuse_other_size(sample, reading.size)
    except DataError as error:
        return replace(
            Reading(image_id=sample.image_id, size=sample.size, file=sample.file),
            patient_id=sample.patient_id,
            provenance=reading.provenance,
            error=str(error),
        )
    return reading


def _seen_by(rater: Sample, seen: Sample, first: Sample) -> Sample:
    """A changed sample with what another rater of the same image says.

    Args:
        rater: the sample of that rater.
        seen: the first rater's, changed.
        first: the same before it was changed.
    """
    seen = seen.without_pixels()
    if rater is first:
        return seen
    changed = {k: v for k, v in seen.labels.items() if first.labels.get(k) != v}
    return replace(
        seen,
        instances=rater.instances,
        labels={**rater.labels, **changed},
        raters=rater.raters,
        annotated=rater.annotated,
    )


def without_restored(seen: Sample, reading: Reading, grey: Grey = UNKNOWN) -> Reading:
    """A reading without its restored pixels, but with how close they come to the partner.

    Args:
        seen: the sample with the pixels that were read.
        reading: of it. Where there is no partner, or its file can't be used, nobody can say.
        grey: what the reader takes for black and white.
    """
    restored = reading.restored
    if restored is None:
        return reading
    try:
        sharp = sharp_as_stored(seen, grey)
    except PolyclinicError:
        sharp = None
    fidelity = None if sharp is None else fidelity_of(seen, restored, sharp)
    return replace(reading, restored=None, fidelity=fidelity)


def _changed(sample: Sample, change: Change, grey: Grey) -> Sample:
    """A sample that can't be loaded stays as it is: the reader will say why."""
    from polyclinic.runtime.reads import loaded

    try:
        seen = loaded(sample, grey)
    except PolyclinicError:
        return sample
    return change(seen)


def judge(
    recipe: Recipe[Any],
    config: RecipeConfig,
    tasks: Sequence[Task],
    cases: Sequence[Case],
    accept: float,
) -> list[Figure]:
    """Figures of every annotated kind, then of the tasks, then of the recipe."""
    return [
        *judge_kinds(cases, accept),
        *(figure for task in tasks for figure in task.figures(cases, accept)),
        *recipe.figures(cases, config, accept),
    ]


def figure_value(figures: Sequence[Figure], name: str, cases: int) -> float | None:
    """A figure of all cases by its name; None when it is missing or can't be computed."""
    named = (figure for figure in figures if figure.name == name)
    return next((figure.value(np.ones(cases)) for figure in named), None)


def monitored(figures: Sequence[Figure], name: str, cases: int) -> float:
    """A figure by which weights are chosen: higher is better, so errors count negatively.

    What can't be computed is not a number, never the worst value: nothing is chosen by it.
    """
    named = [one for one in figures if one.name == name]
    value = figure_value(named, name, cases)
    if value is None:
        return math.nan
    return -value if any(one.better == "lower" for one in named) else value


def why_not_computed(figures: Sequence[Figure], name: str, cases: Sequence[Case]) -> str:
    """Why a figure of some cases is not a number, in words."""
    if all(reading.error is not None for _, reading in cases):
        return "none of its images could be read"
    notes = [one.note for one in figures if one.name == name]
    if not notes:
        return "nothing is annotated there that the figure could be computed from"
    return notes[0] or "there is nothing to compute it from"


def unread_images(cases: Sequence[Case]) -> list[str]:
    """The images that could not be read, by file where they have one, each with the reason."""
    return [
        f"{sample.file or sample.image_id} ({reading.error})"
        for sample, reading in cases
        if reading.error is not None
    ]


def best_threshold(cases: Sequence[Case], fallback: float = 0.5) -> float:
    """The score from which on instances are reported: the one with the best F1.

    To be chosen on validation cases, never on test cases. Among equals the middle one is taken,
    which is the least sensitive to a small shift of the scores.
    """
    matched = match_cases(cases, by_class=True, min_score=0.0)
    finds = finds_of(matched, np.arange(len(matched)), len(matched))
    steps = np.round(np.arange(0.1, 0.95, 0.05), 2)
    accepted = finds.score >= steps[:, None]
    hits = (accepted & finds.hit).sum(1)
    if not hits.any():
        return fallback
    f1 = 2 * hits / (finds.annotated.sum() + accepted.sum(1))
    best = steps[f1 >= f1.max() - 1e-9]
    return float(best[len(best) // 2])
