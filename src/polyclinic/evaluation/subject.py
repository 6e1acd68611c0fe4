"""What is judged: a run, the folds of a cross-validation, or stored readings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.data import Cohort, Split, split_cohort
from polyclinic.errors import ConfigError, DataError
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges import judge_kinds
from polyclinic.reading import Measurement, Reading
from polyclinic.recipes.fit import SPLIT
from polyclinic.recipes.folds import is_folds_run, out_of_fold
from polyclinic.recipes.judge import judge, read_cases
from polyclinic.recipes.load import load, load_run, recipe_of
from polyclinic.recipes.recipe import Recipe
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.stored import pair_with, read_readings
from polyclinic.tasks import Case, Task
from polyclinic.training.run_directory import RunDirectory

Part = Literal["test", "val", "train", "calibration", "all"]
Told = Callable[[int, int], None]


@dataclass(frozen=True, eq=False, kw_only=True)
class Subject:
    """Readings of a part of a cohort, and how they are judged.

    Args:
        name: of the run's folder or the readings' file.
        path: of it.
        part: which images of the cohort.
        cases: samples with readings that hold every candidate.
        accept: the score from which on a candidate is reported.
        provenance: what made the readings.
        recipe, config: of the run; None for stored readings.
        tasks: of the network; empty for stored readings.
        calibration: how far measurements err, where the run knows.
        split: how the training data were split; None for other data and for folds.
        folds: (N,) the fold of each case, from 1; None where there are none.
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

    def figures(self, cases: Sequence[Case]) -> list[Figure]:
        """Figures of some of the cases, before any interval."""
        if self.recipe is None:
            return judge_kinds(cases, self.accept)
        return judge(self.recipe, self.config, self.tasks, cases, self.accept)

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Measurements of a reading; those that are stored, for stored readings."""
        if self.recipe is None:
            return reading.measurements
        return self.recipe.measure(reading, self.config)

    def reported(self, case: Case) -> Case:
        """A case with the reading as users see it: accepted instances, measured, calibrated."""
        sample, reading = case
        if reading.error is not None:
            return case
        kept = reading.accepted(self.accept)
        measured = kept.with_measurements(self.measure(kept))
        known = self.calibration
        return sample, measured if known is None else known.apply(measured)


def open_subject(path: Path, cohort: Cohort, part: Part | None, told: Told | None) -> Subject:
    """Read a cohort, or take what was read of it.

    On the data set that a run was trained on, the test part is taken; of another data set all
    images are. Folds read each image by the reader that has not seen it.

    Args:
        path: run directory, directory of a cross-validation, or `readings.json`.
        cohort: the annotated images.
        part: overrules that choice, to be used knowingly.
        told: called with images done and images in all.

    Raises:
        RunError: the run can't be used.
        DataError: the data hold nothing to judge on, or have other classes.
    """
    if path.is_file() or (path / "readings.json").is_file():
        return _stored(path, cohort, part)
    if is_folds_run(path):
        return _folds(path, cohort, part, told)
    return _run(path, cohort, part, told)


def _run(path: Path, cohort: Cohort, part: Part | None, told: Told | None) -> Subject:
    directory = RunDirectory.existing(path)
    recipe, config = recipe_of(directory)
    reader = load_run(path)
    _same_classes(reader.classes, cohort)
    split, chosen = None, part or "all"
    indices: Sequence[int] = range(len(cohort))
    if reader.provenance["data_digest"] == cohort.digest():
        split = split_cohort(cohort, path / SPLIT, patient=config.data.patient)
        chosen = part or "test"
        indices = indices if chosen == "all" else split.parts.get(chosen, ())
    elif chosen != "all":
        raise ConfigError(
            f"the run has no {chosen} part of {cohort.name}: it was trained on other data",
            where="--part",
            hint="leave it out; all images of other data are judged",
        )
    if not indices:
        raise DataError(f"the {chosen} part is empty", where=cohort.name)
    return Subject(
        name=path.name,
        path=path,
        part=chosen,
        cases=read_cases(reader, cohort, list(indices), told),
        accept=reader.accept,
        provenance=dict(reader.provenance),
        recipe=recipe,
        config=config,
        tasks=reader.task_list,
        calibration=Calibration.of_run(path),
        split=split,
    )


def _folds(path: Path, cohort: Cohort, part: Part | None, told: Told | None) -> Subject:
    ensemble = load(path)
    _same_classes(ensemble.classes, cohort)
    recipe, config = recipe_of(RunDirectory.existing(path))
    folds = None
    if ensemble.provenance["data_digest"] == cohort.digest():
        by_fold = out_of_fold(path, cohort, told)
        cases = [case for _, some in by_fold for case in some]
        folds = np.repeat([fold for fold, _ in by_fold], [len(some) for _, some in by_fold])
    else:
        cases = read_cases(ensemble, cohort, range(len(cohort)), told)
    if part not in (None, "all"):
        raise ConfigError(
            "a cross-validation has no parts", where="--part", hint="all images are judged"
        )
    return Subject(
        name=path.name,
        path=path,
        part="all",
        cases=cases,
        accept=ensemble.accept,
        provenance=dict(ensemble.provenance),
        recipe=recipe,
        config=config,
        calibration=None if folds is not None else Calibration.of_run(path),
        folds=folds,
    )


def _stored(path: Path, cohort: Cohort, part: Part | None) -> Subject:
    if part not in (None, "all"):
        raise ConfigError(
            "stored readings have no parts", where="--part", hint="give --data the images meant"
        )
    cases = pair_with(cohort, read_readings(path, cohort))
    provenance = next((reading.provenance for _, reading in cases if not reading.error), {})
    return Subject(
        name=path.name,
        path=path,
        part="all",
        cases=cases,
        accept=0.0,
        provenance=dict(provenance),
    )


def _same_classes(classes: tuple[str, ...], cohort: Cohort) -> None:
    if cohort.classes != classes:
        raise DataError(
            f"the data have the classes {', '.join(cohort.classes)}",
            expected=f"those of the run: {', '.join(classes)}",
            where=cohort.name,
        )
