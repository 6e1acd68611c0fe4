"""Train a recipe once a fold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from polyclinic.data import Cohort, Split, fold_cohort, open_cohort
from polyclinic.data.raters import settled
from polyclinic.data.split import FILE as SPLIT
from polyclinic.errors import ConfigError, RunError
from polyclinic.fitting.engines import FoldEngine, FoldJob, InTurn
from polyclinic.fitting.engines.fold import FoldProgress
from polyclinic.fitting.fit import check_teachable
from polyclinic.fitting.fit_network import introduce_data
from polyclinic.fitting.resume import resolve
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.settings import REFERENCE, RecipeConfig
from polyclinic.runs.calibrate import learn_from
from polyclinic.runs.folds import out_of_fold
from polyclinic.runs.folds_directory import (
    FOLDS,
    FoldsRecord,
    FoldState,
    is_folds_run,
    read_record,
)
from polyclinic.runs.load import load
from polyclinic.runs.same_data import check_same_data, check_same_pixels, stored_split
from polyclinic.training.run_directory import RunDirectory


@dataclass(frozen=True)
class FittedFolds:
    """What `fit_folds` leaves behind.

    Args:
        run: the folder of the cross-validation.
        record: how the folds ended.
        splits: which images were for what, fold by fold.
    """

    run: RunDirectory
    record: FoldsRecord
    splits: tuple[Split, ...]


def fit_folds(
    reference: str,
    data: Path,
    out: Path,
    overrides: Mapping[str, Any],
    *,
    folds: int,
    resume: bool = False,
    console: Console | None = None,
    engine: FoldEngine | None = None,
) -> FittedFolds:
    """Train a recipe once a fold, each time on the patients outside of it.

    Folds are apart by patient and balanced by label or class. Each is an ordinary run with a seed
    of its own, so that figures spread as trainings do. A time budget is that of one fold.

    Args:
        reference: recipe name, or `package.module:Class`.
        data: COCO file, or a folder that `open_cohort` understands.
        out: the folder of the cross-validation; it must not exist unless `resume`.
        overrides: nested settings over the preset.
        folds: how many, 2 or more.
        resume: leave finished folds as they are, go on with a killed one, train the others.
        console: where to report; None is silent.
        engine: what trains the folds; None trains one after the other in this process.

    Raises:
        PolyclinicError: settings, data or the folder can't be used.
    """
    console = console or Console(quiet=True)
    recipe = find_recipe(reference)
    config = resolve(recipe, overrides, reference, out, resume=resume)
    if not (resume and is_folds_run(out)):
        recipe.refuse_without_effect(config, overrides)
    _refuse_given_split(config)
    cohort = settled(open_cohort(data), config.data.reference, REFERENCE)
    started = resume and is_folds_run(out)
    check_teachable(recipe, config, cohort, started=started)
    introduce_data(console, cohort)
    if started:
        splits = _stored_splits(out, cohort, config, folds)
        run = RunDirectory.start(out, config, resume=True)
    else:
        splits = fold_cohort(cohort, folds, seed=config.seed, patient=config.data.patient)
        run = _start(out, config, cohort, splits, resume=resume)
    if run.is_mine:
        check_same_pixels(out, cohort, range(len(cohort)))
    progress = FoldProgress(console, read_record(out), recipe.budget(config))
    jobs = [
        _job(reference, config, data, split, out, number)
        for number, split in enumerate(splits, start=1)
        if not _is_trained(progress, number)
    ]
    for number, state in (engine or InTurn()).fit(jobs, cohort, progress):
        progress.record = progress.record.with_fold(number, state)
        run.write_json(FOLDS, progress.record.to_json())
    if run.is_mine:
        reader = load(out)
        cases = [case for _, some in out_of_fold(out, cohort) for case in some]
        learn_from(out, cases, reader.measurer.measure, reader.accept, console)
    return FittedFolds(run, progress.record, splits)


def _refuse_given_split(config: RecipeConfig) -> None:
    if config.data.split != "auto":
        raise ConfigError(
            f"data.split = {config.data.split} stands beside --folds",
            expected="one of them: folds make splits of their own",
        )


def _start(
    out: Path, config: RecipeConfig, cohort: Cohort, splits: tuple[Split, ...], *, resume: bool
) -> RunDirectory:
    """Make the folder with all splits; `folds.json` comes last and makes it valid."""
    _refuse_foreign(out)
    run = RunDirectory.start(out, config, resume=resume)
    states = tuple(FoldState(run=f"fold-{number}") for number, _ in enumerate(splits, start=1))
    for state, split in zip(states, splits, strict=True):
        document = split.to_json() | {"data_digest": cohort.digest()}
        run.write_json(f"{state.run}/{SPLIT}", document)
    record = FoldsRecord(
        seed=config.seed, data=cohort.name, data_digest=cohort.digest(), folds=states
    )
    run.write_json(FOLDS, record.to_json())
    return run


def _refuse_foreign(out: Path) -> None:
    """Leave folders alone whose runs were not made for the splits that would be stored."""
    if (out / SPLIT).exists():
        raise RunError(
            "holds an ordinary run, not a cross-validation",
            where=str(out),
            hint="name another folder",
        )
    if not is_folds_run(out) and any(out.glob("fold-*/config.yaml")):
        raise RunError(
            f"holds trained folds, but no {FOLDS}",
            where=str(out),
            hint=f"put its {FOLDS} back, or name another folder",
        )


def _stored_splits(
    out: Path, cohort: Cohort, config: RecipeConfig, folds: int
) -> tuple[Split, ...]:
    record = read_record(out)
    if len(record.folds) != folds:
        raise RunError(
            f"holds a cross-validation with {len(record.folds)} folds, not {folds}",
            where=str(out),
            hint=f"resume with --folds {len(record.folds)}, or name another folder",
        )
    check_same_data(record.data_digest, cohort, out)
    return tuple(stored_split(out / fold.run, cohort, config.data.patient) for fold in record.folds)


def _is_trained(progress: FoldProgress, number: int) -> bool:
    """Whether a fold needs no training any more; says so."""
    finished = progress.record.folds[number - 1].finished
    if finished:
        progress.trained_before(number)
    return finished


def _job(
    reference: str, config: RecipeConfig, data: Path, split: Split, out: Path, number: int
) -> FoldJob:
    """What is to be trained, with a seed of its own."""
    own = config.model_copy(update={"seed": config.seed + number - 1})
    return FoldJob(
        number=number,
        recipe=reference,
        config=own,
        data=data,
        split=split,
        out=out / f"fold-{number}",
    )
