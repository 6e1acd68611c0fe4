"""Train the networks of a staged recipe."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console

from polyclinic.console import styled
from polyclinic.data import Cohort, Split
from polyclinic.fitting.describe import provenance_of
from polyclinic.fitting.fit_network import Fitted, check_trainable, fit_network
from polyclinic.fitting.resume import stage_settings
from polyclinic.fitting.views import cut_views
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.recipes.staged import Stage, Staged
from polyclinic.runs.stages_file import StagesFile
from polyclinic.training.run_directory import RunDirectory
from polyclinic.training.train import TrainResult


def fit_stages(
    recipe: Staged[Any],
    config: RecipeConfig,
    cohort: Cohort,
    split: Split,
    run: RunDirectory,
    *,
    resume: bool,
    console: Console,
) -> Fitted:
    """Train one stage after the other; each is an ordinary run inside the folder.

    Args:
        recipe: names the stages.
        config: its settings.
        cohort: whole images.
        split: its training and validation parts are used.
        run: started.
        resume: leave finished stages as they are, go on with a killed one.
        console: where to report.

    Raises:
        PolyclinicError: an image can't be read, or training can't go on.
    """
    facts = cohort.training_facts(split.train)
    stages = recipe.stages(config, facts)
    provenance = provenance_of(recipe, cohort, facts.not_taught or {})
    record = StagesFile.begun(facts, provenance, [one.name for one in stages])
    if resume:
        record = record.taken_up(run.path)
    run.write_json(StagesFile.NAME, record.to_json())
    waiting = [stage for stage in stages if record.result(stage.name) is None]
    views = cut_views(cohort, split, waiting, console)
    left_out: list[str] = []
    for stage, (seen, parts) in zip(waiting, views, strict=True):
        console.print(styled((f"stage {stage.name}", "bold"), f": {len(seen)} views"))
        fitted = _fit_stage(stage, seen, parts, run.path / stage.name, resume, console)
        record = record.with_result(stage.name, fitted.result)
        run.write_json(StagesFile.NAME, record.to_json())
        left_out += [f"{stage.name}: {line}" for line in fitted.left_out]
    return Fitted(run, _together(record), split, tuple(left_out))


def _fit_stage(
    stage: Stage, views: Cohort, parts: Split, out: Path, resume: bool, console: Console
) -> Fitted:
    config = stage_settings(stage.recipe, stage.config, out, resume=resume)
    started = resume and (out / "config.yaml").is_file()
    fresh = not (started and RunDirectory(out).has_state)
    facts = views.training_facts(parts.train)
    assembly = assemble(stage.recipe, config, facts, load_weights=fresh)
    if fresh:
        check_trainable(stage.recipe, config, views, parts, assembly, console)
    run = RunDirectory.start(out, config, resume=resume)
    return fit_network(
        stage.recipe, config, views, parts, assembly, run, resume=resume, console=console
    )


def _together(record: StagesFile) -> TrainResult:
    """Steps and seconds of all stages; score and losses of the last."""
    results = [stage.result for stage in record.stages if stage.result is not None]
    return replace(
        results[-1],
        steps=sum(one.steps for one in results),
        seconds=sum(one.seconds for one in results),
    )
