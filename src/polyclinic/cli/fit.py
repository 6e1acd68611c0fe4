"""`polyclinic fit`: train a recipe on annotated images."""

from __future__ import annotations

import shlex
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from polyclinic.cli.console import make_console
from polyclinic.cli.engines import Cpus, EngineName, EngineOption, RayAddress, fold_engine
from polyclinic.cli.interruption import kept_training, leaving
from polyclinic.cli.options import Data, Settings, Trust
from polyclinic.console import styled
from polyclinic.errors import ConfigError
from polyclinic.trusted import trust as trust_modules

if TYPE_CHECKING:
    from polyclinic.runs.folds_directory import FoldsRecord


def fit(
    recipe: Annotated[str, typer.Argument(help="A recipe name, or package.module:Class.")],
    data: Data,
    out: Annotated[Path, typer.Option(help="Where to put the run directory.")],
    preset: Annotated[str | None, typer.Option(help="small or paper.")] = None,
    config: Annotated[Path | None, typer.Option(help="A YAML file of settings.")] = None,
    settings: Settings = None,
    folds: Annotated[
        int | None,
        typer.Option(help="Cross-validate: train so many readers, each without a part, 2 or more."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on where a run in --out stopped.")
    ] = False,
    engine: EngineOption = EngineName.LOCAL,
    ray_address: RayAddress = None,
    cpus: Cpus = None,
    trust: Trust = None,
) -> None:
    """Train a recipe on a data set, once or once a fold.

    With --folds each image is held out once; `evaluate` pools what was read of the held-out
    images, and `read` fuses the readers of all folds. --engine ray trains several folds at a
    time.
    """
    from polyclinic.cli.options import overrides
    from polyclinic.fitting.fit import fit as train
    from polyclinic.fitting.fit_folds import fit_folds

    trust_modules(*(trust or ()))
    console = make_console()
    chosen = overrides(config, preset, settings)
    kept = partial(kept_training, out, ["polyclinic", *sys.argv[1:]])
    where = fold_engine(engine, ray_address, cpus)
    if folds is None:
        _refuse_without_folds(engine)
        with leaving(kept):
            fitted = train(recipe, data, out, chosen, resume=resume, console=console)
        mine, best = fitted.run.is_mine, fitted.result.best_score
        done = f"trained {fitted.result.steps} steps in {fitted.result.seconds / 60:.1f} min"
        done += "" if best is None else f"; best validation score {best:.3f}"
    else:
        with leaving(kept):
            crossed = fit_folds(
                recipe, data, out, chosen, folds=folds, resume=resume, console=console, engine=where
            )
        mine, done = crossed.run.is_mine, _summary(crossed.record)
    if mine:
        console.print(done)
        further = shlex.join(["polyclinic", "evaluate", str(out), "--data", str(data)])
        console.print(styled("next: ", (further, "bold")))


def _refuse_without_folds(engine: EngineName) -> None:
    if engine is not EngineName.LOCAL:
        raise ConfigError(
            f"--engine {engine} trains folds", expected="--folds beside it, 2 or more"
        )


def _summary(record: FoldsRecord) -> str:
    """How long all folds took, and their validation scores."""
    minutes = sum(fold.seconds for fold in record.folds) / 60
    scores = [fold.best_score for fold in record.folds if fold.best_score is not None]
    text = f"trained {len(record.folds)} folds in {minutes:.1f} min"
    if scores:
        mean = sum(scores) / len(scores)
        text += f"; best validation scores {mean:.3f} ({min(scores):.3f} to {max(scores):.3f})"
    return text
