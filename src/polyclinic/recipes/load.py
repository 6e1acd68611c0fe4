"""From a run directory to a reader."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from polyclinic.data import Facts
from polyclinic.recipes.assemble import assemble
from polyclinic.recipes.find import find_recipe
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runtime.reader import Reader
from polyclinic.tasks import Network
from polyclinic.training.run_directory import RunDirectory


def load(run: str | Path) -> Reader:
    """The reader that a training run made.

    Args:
        run: a run directory.

    Raises:
        RunError: it is not there, not finished or of another version.
    """
    directory = RunDirectory.existing(Path(run))
    recipe, config = recipe_of(directory)
    tensors, description = directory.load_model()
    facts = Facts.from_json(description["facts"])
    network = assemble(recipe, config, facts, load_weights=False).network
    network.load_state_dict(tensors)
    return make_reader(recipe, config, facts, network, description)


def recipe_of(directory: RunDirectory) -> tuple[Recipe[Any], Any]:
    """The recipe of a run and its resolved settings."""
    values = directory.config()
    recipe = find_recipe(values["recipe"])
    return recipe, recipe.settings.parse(values, where=str(directory.path / "config.yaml"))


def make_reader(
    recipe: Recipe[Any],
    config: RecipeConfig,
    facts: Facts,
    network: Network,
    description: dict[str, Any],
) -> Reader:
    """A reader around a network that is already there.

    Args:
        recipe: measures.
        config: its settings.
        facts: of the data that it was trained on.
        network: the weights.
        description: what `model.json` says; `accept` and `provenance` are taken from it.
    """
    return Reader(
        network,
        frame=config.data.frame,
        classes=facts.classes,
        landmark_schema=facts.landmark_schema if "landmarks" in network.tasks else None,
        measure=lambda reading: recipe.measure(reading, config),
        provenance=description["provenance"],
        accept=description["accept"],
    )
