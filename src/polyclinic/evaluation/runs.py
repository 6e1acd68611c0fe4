"""Subjects that have to read first: a run, and the folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np

from polyclinic.console import ProgressCallback
from polyclinic.data import Cohort
from polyclinic.errors import ConfigError, DataError
from polyclinic.evaluation.subject import LookAgain, Part, Reread, Subject
from polyclinic.metrics.case import Case
from polyclinic.reading import Reading
from polyclinic.recipes.judge import Change, naming_of, read_cases
from polyclinic.runs.folds import fold_runs, is_folds_run, out_of_fold
from polyclinic.runs.load import load, load_run, recipe_of, training_log
from polyclinic.runs.same_data import stored_split
from polyclinic.runtime.calibration import Calibration
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample
from polyclinic.training.run_directory import RunDirectory


def read_run(
    path: Path, cohort: Cohort, part: Part | None, told: ProgressCallback | None
) -> Subject:
    """Read the images of a cohort that a run has not seen, with every candidate.

    On the data set that a run was trained on, the test part is taken; of another data set all
    images are. Folds read each image by the reader that has not seen it.

    Args:
        path: run directory, or directory of a cross-validation.
        cohort: the annotated images.
        part: overrules that choice, to be used knowingly.
        told: called with images done and images in all.

    Raises:
        RunError: the run can't be used.
        DataError: the data hold nothing to judge on, or have no name in common with the run.
    """
    kind = _folds if is_folds_run(path) else _run
    return kind(path, cohort, part, told)


def _run(path: Path, cohort: Cohort, part: Part | None, told: ProgressCallback | None) -> Subject:
    directory = RunDirectory.existing(path)
    recipe, config = recipe_of(directory)
    reader = load_run(path)
    naming_of(reader, cohort)  # refuses other data before anything is read
    split, chosen = None, part or "all"
    indices: Sequence[int] = range(len(cohort))
    if reader.provenance["data_digest"] == cohort.digest():
        split = stored_split(path, cohort, config.data.patient)
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
    read = partial(read_cases, reader, cohort, list(indices))
    return Subject(
        name=path.name,
        path=path,
        part=chosen,
        cases=read(told, None),
        accept=reader.accept,
        provenance=dict(reader.provenance),
        recipe=recipe,
        config=config,
        tasks=reader.task_list,
        calibration=Calibration.of_run(path),
        split=split,
        log=training_log(path),
        reread=_again(read),
        look_again=partial(_look_again, reader),
        grey=reader.grey,
    )


def _look_again(reader: BaseReader, sample: Sample) -> tuple[Sample, Reading]:
    return next(reader.read_beside([sample]))


def _look_again_by_fold(
    path: Path, by_fold: Sequence[tuple[int, list[Case]]], sample: Sample
) -> tuple[Sample, Reading]:
    """By the reader that has not seen the patient."""
    held = {one.image_id: fold for fold, cases in by_fold for one, _ in cases}
    return _look_again(load_run(fold_runs(path)[held[sample.image_id] - 1]), sample)


def _folds(path: Path, cohort: Cohort, part: Part | None, told: ProgressCallback | None) -> Subject:
    ensemble = load(path)
    naming_of(ensemble, cohort)
    recipe, config = recipe_of(RunDirectory.existing(path))
    folds = None
    if ensemble.provenance["data_digest"] == cohort.digest():
        by_fold = out_of_fold(path, cohort, told)
        cases, reread = _pooled(by_fold), _out_of_fold_again(path, cohort)
        look_again: LookAgain = partial(_look_again_by_fold, path, by_fold)
        folds = np.repeat([fold for fold, _ in by_fold], [len(some) for _, some in by_fold])
    else:
        read = partial(read_cases, ensemble, cohort, range(len(cohort)))
        cases, reread = read(told, None), _again(read)
        look_again = partial(_look_again, ensemble)
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
        reread=reread,
        look_again=look_again,
        grey=ensemble.grey,
    )


def _again(read: Callable[[ProgressCallback | None, Change | None], list[Case]]) -> Reread:
    return lambda change, told: read(told, change)


def _out_of_fold_again(path: Path, cohort: Cohort) -> Reread:
    return lambda change, told: _pooled(out_of_fold(path, cohort, told, change))


def _pooled(by_fold: Sequence[tuple[int, list[Case]]]) -> list[Case]:
    return [case for _, some in by_fold for case in some]
