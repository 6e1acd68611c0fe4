"""What a recipe is: the choices that make one published system."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeVar

from polyclinic.config import merge, refuse_without_effect
from polyclinic.errors import ConfigError, nearest
from polyclinic.measure.measurer import Measurer, NothingToMeasure
from polyclinic.reading import Measurement, Reading
from polyclinic.recipes.budget import with_own_length
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import Case, Figure, TaskConfig
from polyclinic.training.strategy import Strategy, Supervised

Progress = Callable[[int, int], None]
"""Told how many of how many steps are done."""


@dataclass(frozen=True, kw_only=True)
class PhantomSizes:
    """How large the cohorts of a demonstration are.

    Args:
        patients, images: of the cohort that is split; images are those of a patient.
        others, other_images: of the patients that calibrate measurements; 19 are needed, and none
            where nothing is measured.
    """

    patients: int
    images: int
    others: int = 20
    other_images: int = 2


SettingsT = TypeVar("SettingsT", bound=RecipeConfig)


class Recipe(ABC, Generic[SettingsT]):
    """How data, encoder, tasks, measurements and metrics are put together.

    A subclass in one file is all that a new system needs; it may live in another package.

    Attributes:
        name: what users type.
        summary: one line.
        source: the publication.
        settings: the class of its settings.
        presets: differences from the defaults of `settings`, by preset name.
        monitor: the figure by which the best weights are chosen on the validation part; see
            `monitored`, where it depends on the settings.
        headline: names of the figures that matter most; see `main_figures`.
        phantoms: sizes of the cohorts of its demonstration.
        stress: how the images of its demonstration are made worse, see `evaluate --stress`.
    """

    name: ClassVar[str]
    summary: ClassVar[str]
    source: ClassVar[str]
    settings: type[SettingsT]
    presets: ClassVar[Mapping[str, Mapping[str, Any]]]
    monitor: ClassVar[str]
    headline: ClassVar[Sequence[str]] = ()
    phantoms: ClassVar[PhantomSizes] = PhantomSizes(patients=28, images=4)
    stress: ClassVar[Sequence[str]] = ()

    @abstractmethod
    def tasks(self, config: SettingsT) -> Sequence[TaskConfig]:
        """The tasks, in an order in which regions are made before they are used."""

    def monitored(self, config: SettingsT) -> str:
        """Name of the figure by which the best weights are chosen on the validation part."""
        return self.monitor

    def main_figures(self, config: SettingsT) -> Sequence[str]:
        """Names of the figures that matter most, where they can be had."""
        return self.headline

    def strategy(self, config: SettingsT) -> Strategy:
        """What a training step looks at; each task learns from its annotations, unless changed."""
        return Supervised()

    def measurer(self, config: SettingsT) -> Measurer:
        """Makes the clinical measurements of one reading."""
        return NothingToMeasure()

    def measure_patients(
        self, readings: Sequence[Reading], config: SettingsT
    ) -> Mapping[str, Sequence[Measurement]]:
        """Measurements pooled over the images of each patient, by patient id."""
        return {}

    def figures(self, cases: Sequence[Case], config: SettingsT, accept: float) -> list[Figure]:
        """Figures beyond those of the annotated kinds, of the measurements and of the tasks.

        Args:
            cases: samples with readings that hold every candidate.
            config: settings.
            accept: the score from which on a candidate counts as found.
        """
        return []

    def make_phantoms(
        self, folder: Path, *, patients: int, images: int, seed: int, progress: Progress
    ) -> Path:
        """Write a phantom cohort and return its data file.

        Raises:
            ConfigError: this recipe has no phantoms.
        """
        raise ConfigError(f"recipe {self.name!r} has no phantom cohort", hint="give it --data")

    def share_budget(self, overrides: Mapping[str, Any]) -> Mapping[str, Any]:
        """What the user said, with minutes of the whole dealt out where there are several parts."""
        return overrides

    def budget(self, config: SettingsT) -> float | None:
        """Minutes that a training may take in all; None where there is no limit."""
        return config.train.max_minutes

    def resolve(self, overrides: Mapping[str, Any], reference: str | None = None) -> SettingsT:
        """Lay overrides over a preset over the defaults.

        Minutes or steps that are given take the place of both of the preset (`recipes.budget`).

        Args:
            overrides: nested settings; `preset` chooses the preset.
            reference: how the recipe was named on the command line, kept for loading the run.

        Raises:
            ConfigError: an unknown preset, an unknown key or a value that does not fit.
        """
        preset = overrides.get("preset", "small")
        if not isinstance(preset, str) or preset not in self.presets:
            raise ConfigError(
                f"{self.name} has no preset {preset!r}", hint=nearest(str(preset), self.presets)
            )
        named = {"recipe": reference or self.name}
        own = with_own_length(self.share_budget(overrides))
        values = merge(merge(self._plain(preset), named), own)
        return self.settings.parse(values, where=f"settings of {self.name}")

    def refuse_without_effect(self, config: SettingsT, overrides: Mapping[str, Any]) -> None:
        """Make sure that what was laid over a preset changes something.

        Args:
            config: what `resolve` made of it.
            overrides: nested settings.

        Raises:
            ConfigError: a setting changes nothing, as the others stand.
        """
        try:
            plain = self.settings.parse(self._plain(config.preset))
        except ConfigError:  # settings without a default can't be told from changed ones
            plain = None
        refuse_without_effect(config, overrides, plain)

    def _plain(self, preset: str) -> dict[str, Any]:
        """A preset by its name, as it is."""
        return merge(self.presets[preset], {"recipe": self.name, "preset": preset})
