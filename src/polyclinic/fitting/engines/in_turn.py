"""Train folds one after the other in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from polyclinic.data import Cohort
from polyclinic.fitting.engines.fold import FoldJob, fit_fold
from polyclinic.fitting.engines.progress import FoldProgress
from polyclinic.runs.folds_directory import FoldState


class InTurn:
    """Each fold has the whole machine."""

    def fit(
        self, jobs: Sequence[FoldJob], cohort: Cohort, progress: FoldProgress
    ) -> Iterator[tuple[int, FoldState]]:
        """Number and state of each fold, in order."""
        for job in jobs:
            progress.begins(job.number)
            yield job.number, fit_fold(job, cohort, progress.console)
