"""From annotated images to a trained reader in a run directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from polyclinic.data import Cohort, Facts, Split, open_cohort, split_cohort
from polyclinic.data.split import FILE as SPLIT
from polyclinic.errors import RunError
from polyclinic.recipes.assemble import Assembly, assemble
from polyclinic.recipes.calibrate import calibrate
from polyclinic.recipes.describe import describe_model
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.fingerprints import FILE as FINGERPRINTS
from polyclinic.recipes.fingerprints import Fingerprints
from polyclinic.recipes.folds_directory import is_folds_run
from polyclinic.recipes.introduce import introduce_data, introduce_split
from polyclinic.recipes.judge import best_threshold, figure_value, judge, read_cases
from polyclinic.recipes.load import load_run, make_reader
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import Encoded, Network, Task
from polyclinic.tasks.prepare import prepare_training
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.train import TrainResult, train


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves behind.

    Args:
        run: the run directory.
        result: steps, seconds and losses of the training.
        split: which images were for what.
        left_out: tasks that the data could not teach, and why.
    """

    run: RunDirectory
    result: TrainResult
    split: Split
    left_out: tuple[str, ...]


def fit(
    reference: str,
    data: Path,
    out: Path,
    overrides: Mapping[str, Any],
    *,
    resume: bool = False,
    console: Console | None = None,
) -> Fitted:
    """Train a recipe on a data set.

    Args:
        reference: recipe name, or `package.module:Class`.
        data: COCO file, or a folder that `open_cohort` understands.
        out: the run directory; it must not exist unless `resume`.
        overrides: nested settings over the preset.
        resume: go on where a killed run stopped.
        console: where to report; None is silent.

    Raises:
        PolyclinicError: settings, data or the run directory can't be used.
    """
    console = console or Console(quiet=True)
    recipe = find_recipe(reference)
    config = recipe.resolve(overrides, reference)
    cohort = open_cohort(data)
    if is_folds_run(out):
        raise RunError(
            "holds the folds of a cross-validation",
            where=str(out),
            hint="continue it with --folds and --resume, or name another folder",
        )
    split = _split(cohort, config, out / SPLIT if resume else None)
    assembly = assemble(recipe, config, cohort.training_facts(split.train))
    introduce_data(console, cohort, assembly)
    return fit_split(recipe, config, cohort, split, assembly, out, resume=resume, console=console)


def fit_split(
    recipe: Recipe[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    assembly: Assembly,
    out: Path,
    *,
    resume: bool,
    console: Console,
) -> Fitted:
    """Train an assembled recipe on given parts of a cohort.

    Args:
        recipe: measures and judges.
        config: its settings.
        cohort: what the split was made of.
        split: stored in the run.
        assembly: its network is trained in place.
        out: the run directory; it must not hold a run unless `resume`.
        resume: go on where a killed run stopped.
        console: where to report.

    Raises:
        PolyclinicError: the run directory can't be used, or training can't go on.
    """
    run = RunDirectory.start(out, config, resume=resume)
    run.write_json(SPLIT, split.to_json() | {"data_digest": cohort.digest()})
    run.write_json(FINGERPRINTS, Fingerprints.of_split(cohort, split).to_json())
    introduce_split(console, cohort, split)
    description = describe_model(recipe, cohort, assembly)
    scoring = _Scoring(recipe, config, cohort, split, description, assembly.facts)
    result = train(
        assembly.network,
        strategy=recipe.strategy(config),
        balance=config.balance.build(assembly.network.loss_names),
        load_encoded=_Preparation(cohort, config, assembly.network.task_list),
        indices=split.train,
        config=config.train,
        seed=config.seed,
        run=run,
        describe=description,
        evaluate=scoring if split.val else None,
        resume=resume,
        console=console,
        name_of=lambda index: cohort.samples[index].file or str(cohort.samples[index].image_id),
    )
    if run.is_mine and split.calibration:
        calibrate(out, load_run(out), cohort, split.calibration, console)
    return Fitted(run, result, split, assembly.left_out)


class _Preparation:
    """Loads one sample as the network wants it; handed to loader processes."""

    def __init__(self, cohort: Cohort, config: RecipeConfig, tasks: list[Task]) -> None:
        self.cohort, self.data, self.tasks = cohort, config.data, tasks

    def __call__(self, index: int, key: int) -> Encoded:
        return prepare_training(
            self.cohort.load(index),
            key,
            tasks=self.tasks,
            frame=self.data.frame,
            augment=self.data.augment,
            schema=self.cohort.landmark_schema,
        )


class _Scoring:
    """Judges the network on the validation part; the best threshold goes into the description."""

    def __init__(
        self,
        recipe: Recipe[Any],
        config: RecipeConfig,
        cohort: Cohort,
        split: Split,
        description: dict[str, Any],
        facts: Facts,
    ) -> None:
        self.recipe, self.config, self.cohort = recipe, config, cohort
        self.facts = facts
        self.split, self.description = split, description

    def __call__(self, network: Network) -> float:
        reader = make_reader(self.recipe, self.config, self.facts, network, self.description)
        cases = read_cases(reader, self.cohort, self.split.val)
        reader.accept = self.description["accept"] = best_threshold(cases)
        figures = judge(self.recipe, self.config, network.task_list, cases, reader.accept)
        return figure_value(figures, self.recipe.monitor, len(cases)) or 0.0


def _split(cohort: Cohort, config: RecipeConfig, stored: Path | None) -> Split:
    """The split that a resumed run stored, else a new one.

    Raises:
        RunError: the run was started on other data.
    """
    if stored is None or not stored.exists():
        data = config.data
        return split_cohort(cohort, data.split, seed=config.seed, patient=data.patient)
    check_same_data(json.loads(stored.read_text("utf-8")).get("data_digest"), cohort, stored.parent)
    return split_cohort(cohort, stored, patient=config.data.patient)


def check_same_data(digest: str | None, cohort: Cohort, run: Path) -> None:
    """Make sure that a run is resumed with the data that it was started on.

    Raises:
        RunError: it is not.
    """
    if digest != cohort.digest():
        raise RunError(
            f"the run was started on other annotations than those of {cohort.name} now",
            where=str(run),
            hint="resume with the same data, or name another folder",
        )
