"""Recipes whose readers look more than once, each time with a network of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polyclinic.data import Cohort, Facts
from polyclinic.recipes.recipe import Recipe, SettingsT
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import Reads
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks import TaskConfig


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One network and what it is trained on.

    Args:
        name: of the folder of its run, inside that of the recipe.
        recipe, config: an ordinary recipe, with the settings of this stage.
        classes, landmark_schema: of its views.
        views: from a loaded image to the annotated views of it; an image may give none.
    """

    name: str
    recipe: Recipe[Any]
    config: RecipeConfig
    classes: tuple[str, ...]
    landmark_schema: LandmarkSchema | None
    views: Callable[[Sample], Sequence[Sample]]


class Staged(Recipe[SettingsT]):
    """A recipe of several networks, trained one after the other on views of the same images.

    Patients, split, settings and figures are those of the whole; each stage is an ordinary run in
    a folder of its own.
    """

    @abstractmethod
    def stages(self, config: SettingsT, facts: Facts) -> Sequence[Stage]:
        """The networks in the order in which they are trained.

        Args:
            config: settings.
            facts: of the whole images.
        """

    @abstractmethod
    def join(
        self,
        readers: Mapping[str, Reader],
        config: SettingsT,
        facts: Facts,
        provenance: Mapping[str, Any],
    ) -> Reads:
        """The reader of whole images.

        Args:
            readers: of each stage, by name.
            config: settings.
            facts: of the whole images.
            provenance: written into every reading.
        """

    def check(self, cohort: Cohort, config: SettingsT) -> None:
        """Make sure that the data can teach all stages.

        Raises:
            DataError: they can't.
        """
        return

    def tasks(self, config: SettingsT) -> Sequence[TaskConfig]:
        """None of its own: they are those of the stages."""
        return ()
