"""Compare a reader with annotations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from polyclinic.data import Cohort
from polyclinic.metrics.detection import detection
from polyclinic.metrics.matching import match_cases
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runtime.reader import Reader
from polyclinic.tasks import Case, Metric

Told = Callable[[int, int], None]


@dataclass(frozen=True)
class Judgement:
    """A reader's candidates beside the annotations, and the figures.

    Args:
        cases: samples (without pixels) with readings that hold every candidate.
        metrics: figures of the tasks, then of the recipe.
    """

    cases: list[Case]
    metrics: list[Metric]

    def value(self, name: str) -> float | None:
        """A figure by name; None when it is missing or could not be computed."""
        return next((m.value for m in self.metrics if m.name == name), None)


def read_cases(
    reader: Reader, cohort: Cohort, indices: Sequence[int], told: Told | None = None
) -> list[Case]:
    """Read samples of a cohort, every candidate, and set each beside its annotation."""
    samples = [cohort.samples[index] for index in indices]
    cases: list[Case] = []
    for sample, reading in zip(samples, reader.with_candidates().read_each(samples), strict=True):
        if reading.error is not None:
            reading = replace(reading, size=sample.size)
        cases.append((sample, reading))
        if told is not None:
            told(len(cases), len(samples))
    return cases


def judge(
    recipe: Recipe[Any], config: RecipeConfig, reader: Reader, cases: list[Case]
) -> Judgement:
    """Compute the figures of every task and of the recipe."""
    metrics = [
        metric for task in reader.network.task_list for metric in task.metrics(cases, reader.accept)
    ]
    return Judgement(cases, metrics + recipe.metrics(cases, config, reader.accept))


def best_threshold(cases: Sequence[Case], fallback: float = 0.5) -> float:
    """The score from which on instances are reported: the one with the best F1.

    To be chosen on validation cases, never on test cases. Among equals the middle one is taken,
    which is the least sensitive to a small shift of the scores.
    """
    steps = np.round(np.arange(0.1, 0.95, 0.05), 2)
    scores = np.array([detection(match_cases(cases, min_score=s)).f1 or 0.0 for s in steps])
    if not scores.any():
        return fallback
    best = steps[scores >= scores.max() - 1e-9]
    return float(best[len(best) // 2])
