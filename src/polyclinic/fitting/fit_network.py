"""Train one network on images in memory or in files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from rich.console import Console

from polyclinic.console import note, styled
from polyclinic.data import Cohort, Facts, Split
from polyclinic.data.grey import CohortGrey
from polyclinic.errors import ConfigError
from polyclinic.fitting.describe import describe_model
from polyclinic.fitting.initial import check_initial, start_from
from polyclinic.fitting.rehearse import check_monitored
from polyclinic.metrics.classify.operating import KEY, chosen_thresholds
from polyclinic.recipes.assemble import Assembly
from polyclinic.recipes.judge import (
    best_threshold,
    judge,
    monitored,
    naming_of,
    read_cases,
    unread_images,
    why_not_computed,
)
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runs.load import make_reader
from polyclinic.tasks import Encoded, Network, Task
from polyclinic.tasks.prepare import prepare_training
from polyclinic.training.balance import Balance
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.strategy import Strategy
from polyclinic.training.train import TrainResult, train


def introduce_data(console: Console, cohort: Cohort) -> None:
    """Say what of the data is not used."""
    for finding in cohort.skipped[:3]:
        console.print(note(str(finding)))
    if len(cohort.skipped) > 3:
        console.print(note(f"{len(cohort.skipped)} rows are not used; polyclinic check lists them"))


def introduce_tasks(console: Console, assembly: Assembly) -> None:
    """Say which tasks the data can teach."""
    console.print(styled(f"tasks: {', '.join(assembly.network.tasks)}"))
    for line in assembly.left_out:
        console.print(styled(("left out", "yellow"), f" {line}"))


def introduce_split(console: Console, cohort: Cohort, split: Split) -> None:
    """Say how many images are for what, and what may leak between the parts."""
    patients, images = split.audit.patients, split.audit.images
    sizes = (f"{images[part]} images of {patients[part]} patients {part}" for part in images)
    console.print(styled((cohort.name, "bold"), f": {', '.join(sizes)}"))
    if isinstance(cohort.grey, CohortGrey):
        for kind, scale in cohort.grey.scales.items():
            console.print(f"grey of {kind}: {scale.black:g} black, {scale.white:g} white")
    if split.audit.message:
        console.print(note(split.audit.message))
    for pair in split.audit.near_duplicates[:3]:
        said = (
            f"image {pair.first} ({pair.first_part}) looks the same as "
            f"{pair.second} ({pair.second_part})"
        )
        console.print(note(said))


@dataclass(frozen=True)
class Fitted:
    """What `fit` leaves behind.

    Args:
        run: the run directory.
        result: steps, seconds and losses of the training; of the last stage, its losses.
        split: which images were for what.
        left_out: tasks that the data could not teach, and why.
    """

    run: RunDirectory
    result: TrainResult
    split: Split
    left_out: tuple[str, ...]


def fit_network(
    recipe: Recipe[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    assembly: Assembly,
    run: RunDirectory,
    *,
    resume: bool,
    console: Console,
) -> Fitted:
    """Train an assembled recipe on given parts of a cohort.

    Args:
        recipe: measures and judges.
        config: its settings.
        cohort: what the split was made of.
        split: its training and validation parts are used.
        assembly: its network is trained in place.
        run: started; weights, states and the log go there.
        resume: go on where a killed run stopped.
        console: where to report.

    Raises:
        PolyclinicError: training can't go on, or `init` does not fit.
    """
    introduce_tasks(console, assembly)
    strategy, balance = objective_of(recipe, config, assembly.network)
    if config.init is not None and not (resume and run.has_state):
        check_initial(config.init)
        start_from(assembly.network, config.init, console)
    description = describe_model(recipe, cohort, assembly)
    scoring = _Scoring(recipe, config, cohort, split, description, assembly.facts, console)
    result = train(
        assembly.network,
        strategy=strategy,
        balance=balance,
        load_encoded=Preparation(cohort, config, assembly.network.task_list),
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
    return Fitted(run, result, split, assembly.left_out)


def check_trainable(
    recipe: Recipe[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    assembly: Assembly,
    console: Console,
) -> None:
    """Make sure that losses can be weighed and weights chosen, before there is a folder.

    Args:
        recipe: names losses and the monitored figure.
        config: its settings.
        cohort: what the split was made of.
        split: a few images of its training and validation parts are read.
        assembly: its network stays as it is.
        console: where to report.

    Raises:
        ConfigError: a loss or a figure is named that there is not.
    """
    objective_of(recipe, config, assembly.network)
    if split.val:
        description = describe_model(recipe, cohort, assembly)
        check_monitored(recipe, config, assembly, cohort, split, description, console)


def objective_of(
    recipe: Recipe[Any], config: RecipeConfig, network: Network
) -> tuple[Strategy, Balance]:
    """What a training step looks at, and how its losses are weighed.

    Raises:
        ConfigError: two losses share a name, or a weight is given to none of them.
    """
    strategy = recipe.strategy(config)
    names = strategy.loss_names(network)
    if len(set(names)) < len(names):
        raise ConfigError(
            f"two losses share a name: {', '.join(names)}",
            expected="one each",
            hint="a task of the image as a whole can be given another name, see `name`",
        )
    return strategy, config.balance.build(names)


class Preparation:
    """Loads one sample as the network wants it; handed to loader processes."""

    def __init__(self, cohort: Cohort, config: RecipeConfig, tasks: list[Task]) -> None:
        self.cohort, self.data, self.tasks = cohort, config.data, tasks

    def __call__(self, index: int, key: int) -> Encoded:
        """One image, ready for the network."""
        return prepare_training(
            self.cohort.load(index),
            key,
            tasks=self.tasks,
            frame=self.data.frame,
            augment=self.data.augment,
            schema=self.cohort.landmark_schema,
            degrade=self.data.degrade,
        )


class _Scoring:
    """Judges the network on the validation part; the best thresholds go into the description."""

    def __init__(
        self,
        recipe: Recipe[Any],
        config: RecipeConfig,
        cohort: Cohort,
        split: Split,
        description: dict[str, Any],
        facts: Facts,
        console: Console,
    ) -> None:
        self.recipe, self.config, self.cohort = recipe, config, cohort
        self.facts, self.console = facts, console
        self.told: set[str] = set()
        self.split, self.description = split, description

    def __call__(self, network: Network) -> float:
        reader = make_reader(self.recipe, self.config, self.facts, network, self.description)
        # With the names of the reader once and for all, so that what is left out is said once.
        self.cohort = naming_of(reader, self.cohort).cohort(self.cohort)
        cases = read_cases(reader, self.cohort, self.split.val)
        reader.accept = self.description["accept"] = best_threshold(cases)
        chosen = {KEY: chosen_thresholds(cases)}
        self.description["provenance"] = self.description["provenance"] | chosen
        figures = judge(self.recipe, self.config, network.task_list, cases, reader.accept)
        name = self.recipe.monitored(self.config)
        score = monitored(figures, name, len(cases))
        unread = unread_images(cases)
        self.description["validation"] = {
            "figure": name,
            "not_computed": why_not_computed(figures, name, cases) if math.isnan(score) else None,
            "unread": unread,
        }
        if unread:
            self._tell(f"validation images that can't be read: {', '.join(unread)}")
        if math.isnan(score):
            why = self.description["validation"]["not_computed"]
            self._tell(f"{name} can't be computed on the validation part: {why}")
        return score

    def _tell(self, what: str) -> None:
        """Say it once a training."""
        if what not in self.told:
            self.told.add(what)
            self.console.print(note(what))
