"""Cross-validation: every image is read by a reader that has not seen its patient."""

from __future__ import annotations

from pathlib import Path

from polyclinic.console import ProgressCallback
from polyclinic.data import Cohort
from polyclinic.recipes.judge import Change, read_cases
from polyclinic.runs.folds_directory import fold_runs, is_folds_run, read_record
from polyclinic.runs.load import load_run, recipe_of
from polyclinic.runs.same_data import check_same_data, stored_split
from polyclinic.tasks import Case
from polyclinic.training.run_directory import RunDirectory

__all__ = ["fold_runs", "is_folds_run", "out_of_fold"]


def out_of_fold(
    run: Path, cohort: Cohort, told: ProgressCallback | None = None, change: Change | None = None
) -> list[tuple[int, list[Case]]]:
    """Each fold's reader reads the images of its own test part, with every candidate.

    Args:
        run: the folder of a finished cross-validation.
        cohort: the data set that it was trained on.
        told: called with images done and images in all.
        change: what is done to each loaded image before it is read.

    Returns:
        (number of the fold from 1, its cases), in order; each image is in one of them.

    Raises:
        RunError: the folder holds no finished cross-validation, or one of other data.
    """
    runs = fold_runs(run)
    check_same_data(read_record(run).data_digest, cohort, run)
    pooled: list[tuple[int, list[Case]]] = []
    for number, fold in enumerate(runs, start=1):
        reader, (_, config) = load_run(fold), recipe_of(RunDirectory.existing(fold))
        split = stored_split(fold, cohort, config.data.patient)
        before = sum(len(cases) for _, cases in pooled)
        counted = _counting_on(told, before, len(cohort))
        cases = read_cases(reader, cohort, split.test, counted, change)
        pooled.append((number, cases))
    return pooled


def _counting_on(told: ProgressCallback | None, before: int, total: int) -> ProgressCallback | None:
    """Count the images of one fold after those of the folds before."""
    return None if told is None else lambda done, _: told(before + done, total)
