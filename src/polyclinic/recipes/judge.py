"""Compare a reader with annotations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from polyclinic.data import Cohort
from polyclinic.data.partner import sharp_as_stored
from polyclinic.errors import PolyclinicError
from polyclinic.metrics.case import Case
from polyclinic.metrics.detect.finds import finds_of
from polyclinic.metrics.fidelity import fidelity_of
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges import judge_kinds
from polyclinic.metrics.matching import match_cases
from polyclinic.reading import Reading
from polyclinic.sample import Sample

if TYPE_CHECKING:  # stored readings are judged without torch
    from polyclinic.recipes.recipe import Recipe
    from polyclinic.recipes.settings import RecipeConfig
    from polyclinic.runtime.reads import Reads
    from polyclinic.tasks import Task

Told = Callable[[int, int], None]
Change = Callable[[Sample], Sample]


def read_cases(
    reader: Reads,
    cohort: Cohort,
    indices: Sequence[int],
    told: Told | None = None,
    change: Change | None = None,
) -> list[Case]:
    """Read samples of a cohort, every candidate, and set each beside its annotation.

    Restored pixels are compared with the sharp partner while both are at hand, and not kept.

    Args:
        reader: reads them.
        cohort: holds them.
        indices: which of them, in order.
        told: called with images done and images in all.
        change: what is done to each loaded sample before it is read, such as to blur it.
    """
    samples = [cohort.samples[index] for index in indices]
    shown = samples if change is None else (_changed(sample, change) for sample in samples)
    cases: list[Case] = []
    beside = reader.with_candidates().read_beside(shown)
    for sample, (seen, reading) in zip(samples, beside, strict=True):
        if reading.error is not None:
            reading = replace(reading, size=sample.size)
        reading = without_restored(seen, reading)
        cases.append((sample if change is None else seen.without_pixels(), reading))
        if told is not None:
            told(len(cases), len(samples))
    return cases


def without_restored(seen: Sample, reading: Reading) -> Reading:
    """A reading without its restored pixels, but with how close they come to the partner.

    Args:
        seen: the sample with the pixels that were read.
        reading: of it. Where there is no partner, or its file can't be used, nobody can say.
    """
    restored = reading.restored
    if restored is None:
        return reading
    try:
        sharp = sharp_as_stored(seen)
    except PolyclinicError:
        sharp = None
    image = seen.pixels if seen.deep is None else seen.deep
    fidelity = None if sharp is None else fidelity_of(image, restored, sharp)
    return replace(reading, restored=None, fidelity=fidelity)


def _changed(sample: Sample, change: Change) -> Sample:
    """A sample that can't be loaded stays as it is: the reader will say why."""
    from polyclinic.runtime.reads import loaded

    try:
        seen = loaded(sample)
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

    A share that can't be computed is 0; an error that can't be, and a figure that there is not,
    is not a number, so that nothing is chosen by it.
    """
    named = [one for one in figures if one.name == name]
    value = figure_value(named, name, cases)
    if not named or any(one.better == "lower" for one in named):
        return math.nan if value is None else -value
    return value or 0.0


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
