"""From annotated images to a trained reader in a run directory."""

from __future__ import annotations

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
from polyclinic.fitting.fit_network import (
    Fitted,
    check_trainable,
    fit_network,
    introduce_data,
    introduce_split,
)
from polyclinic.fitting.fit_stages import fit_stages
from polyclinic.fitting.initial import check_initial, warn_of_seen
from polyclinic.fitting.resume import resolve
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import REFERENCE, RecipeConfig
from polyclinic.recipes.staged import Staged
from polyclinic.runs.calibrate import calibrate
from polyclinic.runs.fingerprints import FILE as FINGERPRINTS
from polyclinic.runs.fingerprints import Fingerprints
from polyclinic.runs.folds_directory import is_folds_run
from polyclinic.runs.load import load_run
from polyclinic.runs.same_data import check_same_pixels, stored_split
from polyclinic.training.run_directory import RunDirectory

__all__ = ["Fitted", "check_teachable", "fit", "fit_split"]


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
    if not (resume and (out / "config.yaml").is_file()):
        recipe.refuse_without_effect(config, overrides)
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
    found = resume and (out / "config.yaml").is_file()
    ready = _ready(recipe, config, seen, split, out if found else None, console)
    # What failed so far has left no folder behind.
    run = RunDirectory.start(out, config, resume=resume)
    if run.is_mine:
        check_same_pixels(out, cohort, split.part_of)
    run.write_json(SPLIT, split.to_json() | {"data_digest": cohort.digest()})
    run.write_json(FINGERPRINTS, Fingerprints.of_split(cohort, split).to_json())
    introduce_split(console, seen, split)
    if config.init is not None:
        warn_of_seen(config.init, cohort, split, console)
    fitted = ready(run, resume=resume, console=console)
    if run.is_mine and split.calibration:
        calibrate(out, load_run(out), cohort, split.calibration, console)
    return fitted


def check_teachable(
    recipe: Recipe[Any], config: RecipeConfig, cohort: Cohort, *, started: bool = False
) -> None:
    """What can be said before the first image is opened and the first folder made.

    Args:
        recipe: one network, or several stages.
        config: its settings.
        cohort: to be trained on.
        started: whether this is a run to go on with; networks that have a checkpoint take nothing
            from `init`, and one that has none asks for it when its turn comes.

    Raises:
        PolyclinicError: the data can't teach a staged recipe, or `init` is no run.
    """
    if config.init is not None and not started:
        check_initial(config.init)
    if isinstance(recipe, Staged):
        if not started:
            recipe.refuse_untaken(config, cohort.facts())
        recipe.check(cohort, config)


def _ready(
    recipe: Recipe[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    started: Path | None,
    console: Console,
) -> Callable[..., Fitted]:
    """What is left to do once there is a folder; `started` is one to go on with.

    Raises:
        PolyclinicError: the data can't teach the recipe, or `init` is no run.
    """
    check_teachable(recipe, config, cohort, started=started is not None)
    if isinstance(recipe, Staged):
        recipe.check(cohort.subset(split.train), config)
        return partial(fit_stages, recipe, config, cohort, split)
    fresh = started is None or not RunDirectory(started).has_state
    facts = cohort.training_facts(split.train)
    assembly = assemble(recipe, config, facts, load_weights=fresh)
    if fresh:
        check_trainable(recipe, config, cohort, split, assembly, console)
    return partial(fit_network, recipe, config, cohort, split, assembly)


def _split(cohort: Cohort, config: RecipeConfig, stored: Path | None) -> Split:
    """The split that a resumed run stored, else a new one.

    Raises:
        RunError: the run was started on other annotations, or its split is damaged.
        DataError: the split can't be, or does not keep patients apart.
    """
    if stored is None or not stored.exists():
        data = config.data
        split = split_cohort(cohort, data.split, seed=config.seed, patient=data.patient)
        if isinstance(data.split, Path):
            refuse_shared(cohort, split, data.patient)
        return split
    return stored_split(stored.parent, cohort, config.data.patient)
