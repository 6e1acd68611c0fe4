"""One fold to be trained, and what trains folds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from rich.console import Console

from polyclinic.data import Cohort, Split
from polyclinic.fitting.engines.progress import FoldProgress
from polyclinic.fitting.fit import fit_split
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runs.folds_directory import FoldState
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
