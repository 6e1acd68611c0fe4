"""From annotated images to a trained reader in a run directory."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from rich.console import Console

from polyclinic.data import Cohort, Split, open_cohort, split_cohort
from polyclinic.data.raters import settled
from polyclinic.data.split import FILE as SPLIT
from polyclinic.data.split import refuse_shared
from polyclinic.errors import RunError
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.calibrate import calibrate
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.fingerprints import FILE as FINGERPRINTS
from polyclinic.recipes.fingerprints import Fingerprints
from polyclinic.recipes.fit_network import Fitted, fit_network
from polyclinic.recipes.fit_stages import fit_stages
from polyclinic.recipes.folds_directory import is_folds_run
from polyclinic.recipes.initial import check_initial, warn_of_seen
from polyclinic.recipes.introduce import introduce_data, introduce_split
from polyclinic.recipes.load import load_run
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.resume import resolve
from polyclinic.recipes.settings import REFERENCE, RecipeConfig
from polyclinic.recipes.staged import Staged
from polyclinic.training.run_directory import RunDirectory

__all__ = ["Fitted", "check_same_data", "check_teachable", "fit", "fit_split"]


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
    config = resolve(recipe, overrides, reference, out, resume=resume)
    cohort = settled(open_cohort(data), config.data.reference, REFERENCE)
    if is_folds_run(out):
        raise RunError(
            "holds the folds of a cross-validation",
            where=str(out),
            hint="continue it with --folds and --resume, or name another folder",
        )
    split = _split(cohort, config, out / SPLIT if resume else None)
    introduce_data(console, cohort)
    return fit_split(recipe, config, cohort, split, out, resume=resume, console=console)


def fit_split(
    recipe: Recipe[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    out: Path,
    *,
    resume: bool,
    console: Console,
) -> Fitted:
    """Train a recipe on given parts of a cohort, and calibrate it where there is a part for that.

    Args:
        recipe: one network, or several stages.
        config: its settings.
        cohort: what the split was made of.
        split: stored in the run.
        out: the run directory; it must not hold a run unless `resume`.
        resume: go on where a killed run stopped.
        console: where to report.

    Raises:
        PolyclinicError: the run directory can't be used, or training can't go on.
    """
    seen = cohort.with_grey(split.train)
    ready = _ready(recipe, config, seen, split)  # what fails here leaves no folder behind
    run = RunDirectory.start(out, config, resume=resume)
    run.write_json(SPLIT, split.to_json() | {"data_digest": cohort.digest()})
    run.write_json(FINGERPRINTS, Fingerprints.of_split(cohort, split).to_json())
    introduce_split(console, seen, split)
    if config.init is not None:
        warn_of_seen(config.init, cohort, split, console)
    fitted = ready(run, resume=resume, console=console)
    if run.is_mine and split.calibration:
        calibrate(out, load_run(out), cohort, split.calibration, console)
    return fitted


def check_teachable(recipe: Recipe[Any], config: RecipeConfig, cohort: Cohort) -> None:
    """What can be said before the first image is opened and the first folder made.

    Raises:
        PolyclinicError: the data can't teach a staged recipe, or `init` is no run.
    """
    if config.init is not None:
        check_initial(config.init)
    if isinstance(recipe, Staged):
        recipe.check(cohort, config)


def _ready(
    recipe: Recipe[Any], config: RecipeConfig, cohort: Cohort, split: Split
) -> Callable[..., Fitted]:
    """What is left to do once there is a folder.

    Raises:
        PolyclinicError: the data can't teach the recipe, or `init` is no run.
    """
    check_teachable(recipe, config, cohort)
    if isinstance(recipe, Staged):
        recipe.check(cohort.subset(split.train), config)
        return partial(fit_stages, recipe, config, cohort, split)
    assembly = assemble(recipe, config, cohort.training_facts(split.train))
    return partial(fit_network, recipe, config, cohort, split, assembly)


def _split(cohort: Cohort, config: RecipeConfig, stored: Path | None) -> Split:
    """The split that a resumed run stored, else a new one.

    Raises:
        RunError: the run was started on other data.
        DataError: the split can't be, or does not keep patients apart.
    """
    if stored is None or not stored.exists():
        data = config.data
        split = split_cohort(cohort, data.split, seed=config.seed, patient=data.patient)
        if isinstance(data.split, Path):
            refuse_shared(cohort, split, data.patient)
        return split
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
