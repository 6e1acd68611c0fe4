"""Find recipes by name, also those of other packages."""

from __future__ import annotations

import importlib
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from polyclinic.errors import ConfigError, nearest
from polyclinic.recipes.recipe import Recipe

BUILT_IN = {
    "diagnose": "polyclinic.recipes.diagnose:Diagnose",
    "kidney": "polyclinic.recipes.kidney:Kidney",
    "knee": "polyclinic.recipes.knee:Knee",
    "landmarks": "polyclinic.recipes.landmarks:Landmarks",
    "nailfold": "polyclinic.recipes.nailfold:Nailfold",
    "segment": "polyclinic.recipes.segment:Segment",
}
"""One line a recipe."""

ENTRY_POINTS = "polyclinic.recipes"


def recipe_names() -> dict[str, str]:
    """Where each known recipe lives: the built-in ones and those of installed packages."""
    installed = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return installed | BUILT_IN


def find_recipe(reference: str) -> Recipe[Any]:
    """A recipe by name, or by `package.module:Class`.

    Raises:
        ConfigError: there is no such recipe, or its module can't be imported.
    """
    known = recipe_names()
    place = known.get(reference, reference)
    module, colon, attribute = place.partition(":")
    if not colon:
        raise ConfigError(
            f"no recipe is named {reference!r}",
            hint=f"{nearest(reference, known)}; or give package.module:Class",
        )
    if str(Path.cwd()) not in sys.path:
        sys.path.append(str(Path.cwd()))
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError) as error:
        raise ConfigError(
            f"recipe {reference!r} can't be imported ({error})",
            expected="package.module:Class on the Python path",
        ) from error
    if not (isinstance(found, type) and issubclass(found, Recipe)):
        raise ConfigError(f"{place} is not a recipe", expected="a subclass of polyclinic.Recipe")
    return found()
