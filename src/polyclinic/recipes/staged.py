"""Recipes whose readers look more than once, each time with a network of its own."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from polyclinic.data import Cohort, Facts
from polyclinic.errors import ConfigError
from polyclinic.recipes.recipe import Recipe, SettingsT
from polyclinic.recipes.settings import BesideConfig, RecipeConfig
from polyclinic.runtime.reader import Reader
from polyclinic.runtime.reads import BaseReader
from polyclinic.sample import Sample
from polyclinic.schema import LandmarkSchema
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.edge import HierarchyConfig


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
    ) -> BaseReader:
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

    def refuse_untaken(self, config: SettingsT, facts: Facts) -> None:
        """Make sure that tasks and edges which were asked for reach a stage.

        Args:
            config: settings of the whole.
            facts: of the whole images.

        Raises:
            ConfigError: no stage has them.
        """
        stages = [stage.config for stage in self.stages(config, facts)]
        for part in (BesideConfig, HierarchyConfig):
            key = "beside" if part is BesideConfig else "hierarchy"
            for name, field in part.model_fields.items():
                asked = getattr(getattr(config, key), name)
                taken = [getattr(getattr(stage, key), name) for stage in stages]
                if asked != field.default and asked not in taken:
                    raise ConfigError(
                        f"{key}.{name} has no effect: no stage of {self.name} takes it up",
                        expected="settings that change something",
                        hint=f"leave {key}.{name} out, or train another recipe with it",
                    )

    def tasks(self, config: SettingsT) -> Sequence[TaskConfig]:
        """None of its own: they are those of the stages."""
        return ()
