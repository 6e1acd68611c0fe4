"""What is judged: a run, the folds of a cross-validation, or stored readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.console import ProgressCallback
from polyclinic.data import Split
from polyclinic.data.grey import UNKNOWN, Grey
from polyclinic.evaluation.headline import headline_names
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges import judge_kinds
from polyclinic.reading import Measurement, Reading
from polyclinic.recipes.judge import Change, judge
from polyclinic.runs.calibrate import truths
from polyclinic.runtime.calibration import Calibration
from polyclinic.sample import Sample

if TYPE_CHECKING:  # stored readings are judged without torch
    from polyclinic.recipes.recipe import Recipe
    from polyclinic.tasks import Task

Part = Literal["test", "val", "train", "calibration", "all"]
LookAgain = Callable[[Sample], tuple[Sample, Reading]]
Reread = Callable[[Change, ProgressCallback | None], list[Case]]


@dataclass(frozen=True, eq=False, kw_only=True)
class Subject:
    """Readings of a part of a cohort, and how they are judged.

    Args:
        name: of the run's folder or the readings' file.
        path: of it.
        part: which images of the cohort.
        cases: samples with readings that hold every candidate.
        accept: the score from which on a candidate counts as found and is reported.
        provenance: what made the readings.
        recipe, config: of the run; None for stored readings.
        tasks: of the network; empty for stored readings.
        calibration: how far measurements err, where the run knows.
        split: how the training data were split; None for other data and for folds.
        folds: (N,) the fold of each case, from 1; None where there are none.
        log: of the training; empty for folds and for stored readings.
        look_again: reads one sample again, for its pixels and those restored of it, which no case
            keeps; None for stored readings.
        grey: what the reader took for black and white; of nobody's for stored readings.
        reread: reads the images of the cases again, changed, in the same order; None for stored
            readings.
    """

    name: str
    path: Path
    part: Part
    cases: list[Case]
    accept: float
    provenance: dict[str, Any]
    recipe: Recipe[Any] | None = None
    config: Any = None
    tasks: Sequence[Task] = ()
    calibration: Calibration | None = None
    split: Split | None = None
    folds: NDArray[np.intp] | None = field(default=None)
    log: Sequence[dict[str, Any]] = ()
    look_again: LookAgain | None = None
    grey: Grey = UNKNOWN
    reread: Reread | None = None

    def figures(self, cases: Sequence[Case]) -> list[Figure]:
        """Figures of some of the cases, before any interval."""
        if self.recipe is None:
            return judge_kinds(cases, self.accept)
        return judge(self.recipe, self.config, self.tasks, cases, self.accept)

    def headline(self, figures: Sequence[Figure]) -> list[str]:
        """Names of the figures that matter most."""
        wanted = () if self.recipe is None else self.recipe.main_figures(self.config)
        return headline_names(wanted, figures)

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Measurements of a reading; those that are stored, for stored readings."""
        if self.recipe is None:
            return reading.measurements
        return self.recipe.measurer(self.config).measure(reading)

    def truths(self, cases: Sequence[Case]) -> list[tuple[Measurement, ...]]:
        """Measurements of the annotations; of stored readings nobody knows the formula."""
        if self.recipe is None:
            return [()] * len(cases)
        return truths(cases, self.measure)

    def reported(self, case: Case) -> Case:
        """A case with the reading as users see it: accepted instances, measured, calibrated."""
        sample, reading = case
        if reading.error is not None:
            return case
        kept = reading.accepted(self.accept)
        if self.recipe is None:
            return sample, kept
        if self.calibration is not None:
            return sample, self.calibration.measured(kept, self.measure)
        return sample, kept.with_measurements(self.measure(kept))
