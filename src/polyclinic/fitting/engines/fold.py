"""One fold to be trained, and what trains folds one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console

from polyclinic.console import styled
from polyclinic.data import Cohort, Split
from polyclinic.fitting.fit import fit_split
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runs.folds_directory import FoldsRecord, FoldState
from polyclinic.trusted import trust, trusted_modules


@dataclass(frozen=True, kw_only=True)
class FoldJob:
    """What a process must know to train a fold; it can be pickled.

    Args:
        number: of the fold, from 1.
        recipe: reference of the recipe.
        config: its settings, with the seed of this fold.
        data: where the cohort was opened, there on every machine that trains.
        split: which images are for what.
        out: run directory of the fold, there on every machine that trains.
        trusted: modules whose code a run to start from may name.
    """

    number: int
    recipe: str
    config: RecipeConfig
    data: Path
    split: Split
    out: Path
    trusted: tuple[str, ...] = field(default_factory=trusted_modules)


class FoldEngine(Protocol):
    """Trains folds, somewhere; what they learn does not depend on where, nor on the order."""

    def fit(
        self, jobs: Sequence[FoldJob], cohort: Cohort, progress: FoldProgress
    ) -> Iterator[tuple[int, FoldState]]:
        """Number and state of each fold, as soon as it is trained.

        Args:
            jobs: the folds that are left; what is trained of them already is not done again.
            cohort: what the splits were made of.
            progress: told which fold begins.

        Raises:
            PolyclinicError: a training can't go on.
        """
        ...


def fit_fold(job: FoldJob, cohort: Cohort, console: Console) -> FoldState:
    """Train one fold in this process, or go on with it.

    Raises:
        PolyclinicError: the run directory can't be used, or training can't go on.
    """
    trust(*job.trusted)
    recipe = find_recipe(job.recipe)
    fitted = fit_split(recipe, job.config, cohort, job.split, job.out, resume=True, console=console)
    return FoldState(
        run=job.out.name,
        finished=True,
        steps=fitted.result.steps,
        seconds=fitted.result.seconds,
        best_score=fitted.result.best_score,
    )


class InTurn:
    """Each fold has the whole machine."""

    def fit(
        self, jobs: Sequence[FoldJob], cohort: Cohort, progress: FoldProgress
    ) -> Iterator[tuple[int, FoldState]]:
        """Number and state of each fold, in order."""
        for job in jobs:
            progress.begins(job.number)
            yield job.number, fit_fold(job, cohort, progress.console)


class FoldProgress:
    """Reports folds and the time that is left.

    Args:
        console: where to report.
        record: how far the folds are; replaced as they end.
        budget: minutes that a fold may take, where there is a limit.
    """

    def __init__(self, console: Console, record: FoldsRecord, budget: float | None) -> None:
        self.console, self.record, self._budget = console, record, budget

    def begins(self, number: int) -> None:
        """A fold is trained next, alone."""
        self.console.print(styled(self._name(number), self.time_left(abreast=1)))

    def trained_before(self, number: int) -> None:
        """A fold is left as it is."""
        self.console.print(styled(self._name(number), "\ntrained already"))

    def ended(self, number: int, *, abreast: int) -> None:
        """A fold among several is trained; `record` knows it already."""
        minutes = self.record.folds[number - 1].seconds / 60
        left = self.time_left(abreast=abreast)
        self.console.print(styled(self._name(number), f" trained in {minutes:.1f} min{left}"))

    def time_left(self, *, abreast: int) -> str:
        """What the folds that are left will take: as long as those that are done, else the budget.

        Args:
            abreast: how many are trained at a time.
        """
        minutes = [fold.seconds / 60 for fold in self.record.folds if fold.finished]
        each = sum(minutes) / len(minutes) if minutes else self._budget
        rounds = -(-len(self.record.unfinished) // abreast)
        return f", about {rounds * each:.0f} min left" if each is not None and rounds else ""

    def _name(self, number: int) -> tuple[str, str]:
        return f"fold {number} of {len(self.record.folds)}", "bold"
