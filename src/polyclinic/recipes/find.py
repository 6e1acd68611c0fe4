"""Find recipes by name, also those of other packages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib.metadata import entry_points
from types import ModuleType
from typing import Any

from polyclinic.errors import ConfigError, nearest
from polyclinic.extras import missing_extra
from polyclinic.recipes.recipe import Recipe
from polyclinic.trusted import (
    ENTRY_POINTS,
    import_asked,
    import_stored,
    installed_recipes,
    trust,
)

BUILT_IN = {
    "diagnose": "polyclinic.recipes.diagnose:Diagnose",
    "kidney": "polyclinic.systems.kidney.recipe:Kidney",
    "knee": "polyclinic.systems.knee.recipe:Knee",
    "landmarks": "polyclinic.recipes.landmarks:Landmarks",
    "nailfold": "polyclinic.systems.nailfold.recipe:Nailfold",
    "segment": "polyclinic.recipes.segment:Segment",
}
"""One line a recipe."""


def recipe_names() -> dict[str, str]:
    """Where each known recipe lives: the built-in ones and those of installed packages."""
    installed = {point.name: point.value for point in entry_points(group=ENTRY_POINTS)}
    return installed | BUILT_IN


def find_recipe(reference: str) -> Recipe[Any]:
    """A recipe that the user named, or `package.module:Class`, also of the working folder.

    Its package is trusted from then on, so that the run it makes can be read.

    Raises:
        ConfigError: there is no such recipe, or its module can't be imported.
    """
    place = _place(reference, recipe_names())
    recipe = _made(reference, place, import_asked)
    trust(place.partition(":")[0].partition(".")[0])
    return recipe


def find_stored_recipe(reference: str, where: str) -> Recipe[Any]:
    """A recipe that a run names: one of polyclinic, of an installed package, or trusted.

    Args:
        reference: its name, or `package.module:Class`.
        where: the file that names it.

    Raises:
        RunError: its code is of no installed package, and nobody trusts it.
        ConfigError: there is no such recipe, or its module can't be imported.
    """
    installed = {name: point.value for name, point in installed_recipes().items()}
    place = _place(reference, installed | BUILT_IN)
    return _made(reference, place, partial(import_stored, where=where))


def _place(reference: str, known: dict[str, str]) -> str:
    """Its `module:Class`."""
    place = known.get(reference, reference)
    module, colon, _ = place.partition(":")
    if not colon or not module:
        raise ConfigError(
            f"no recipe is named {reference!r}",
            hint=f"{nearest(reference, known)}; or give package.module:Class",
        )
    return place


def _made(reference: str, place: str, get: Callable[[str], ModuleType]) -> Recipe[Any]:
    module, _, attribute = place.partition(":")
    try:
        found = getattr(get(module), attribute)
    except (ImportError, AttributeError, SyntaxError, TypeError) as error:
        lacking = missing_extra(error)
        if lacking is not None:
            raise ConfigError(f"recipe {reference!r}: {lacking}") from None
        raise ConfigError(
            f"recipe {reference!r} can't be imported ({error})",
            expected="package.module:Class on the Python path",
        ) from error
    if not (isinstance(found, type) and issubclass(found, Recipe)):
        raise ConfigError(f"{place} is not a recipe", expected="a subclass of polyclinic.Recipe")
    return found()
