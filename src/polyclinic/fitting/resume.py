"""Which settings a training goes on with: what was in force when it began.

Defaults and presets may have changed since; a run goes on as it began, and only what the user
states is compared with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from polyclinic.config import merge
from polyclinic.recipes.budget import with_own_length
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.training.run_directory import RunDirectory


def resolve(
    recipe: Recipe[Any], overrides: Mapping[str, Any], reference: str, out: Path, *, resume: bool
) -> Any:
    """The settings of a training that begins, or goes on.

    Args:
        recipe: what is trained.
        overrides: what the user stated.
        reference: how the recipe was named.
        out: the run directory.
        resume: whether a run in it is to be continued.

    Raises:
        RunError: the run's settings are damaged or of a newer format.
        ConfigError: a preset or key is unknown, or a value does not fit.
    """
    fresh = recipe.resolve(overrides, reference)
    stored = _stored(out) if resume else None
    if stored is None or stored.get("recipe") != fresh.recipe:
        return fresh  # where another recipe made the run, its directory refuses
    stated = with_own_length(recipe.share_budget(overrides))
    return recipe.settings.parse(merge(stored, stated), where=f"settings of {recipe.name}")


def stage_settings(recipe: Recipe[Any], config: RecipeConfig, out: Path, *, resume: bool) -> Any:
    """The settings of one network of several.

    They follow from those of the whole, which were compared already; a stage that began goes on
    as it began.

    Args:
        recipe: what is trained.
        config: as it would begin now.
        out: the run directory of the stage.
        resume: whether a run in it is to be continued.

    Raises:
        RunError: the run's settings are damaged or of a newer format.
        ConfigError: a value does not fit.
    """
    stored = _stored(out) if resume else None
    if stored is None or stored.get("recipe") != config.recipe:
        return config
    return recipe.settings.parse(stored, where=str(out / "config.yaml"))


def _stored(out: Path) -> dict[str, Any] | None:
    return RunDirectory(out).config() if (out / "config.yaml").is_file() else None
