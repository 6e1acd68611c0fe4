"""Any whole-image label: what an image shows, as a name or as a grade.

No published system, but the plain one that others are to be compared with: one encoder, the mean
of its coarsest map, a linear layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field

from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.grades import GradesConfig

AUGMENT: Mapping[str, Any] = {
    "mirror": 0.5,
    "degrees": 15.0,
    "scale": (0.85, 1.15),
    "brightness": 0.2,
    "contrast": 0.2,
    "tint": 0.05,
    "noise": 4.0,
}

SMALL: Mapping[str, Any] = {
    "data": {"frame": {"longest": 224}, "augment": AUGMENT},
    "model": {"encoder": "resnet10t", "pyramid_channels": 32},
    "balance": {"kind": "equal"},
    "classes": {"label": "label", "smoothing": 0.05, "balanced": True},
    "train": {
        "steps": 1500,
        "max_minutes": 10.0,
        "batch_size": 8,
        "lr": 1e-3,
        "weight_decay": 0.05,
        "warmup_steps": 50,
        "schedule": "cosine",
        "ema": 0.99,
        "channels_last": True,
        "evaluate_every": 150,
        "checkpoint_every": 150,
    },
}
"""A light encoder that learns from scratch in minutes on two cores."""

LARGE: Mapping[str, Any] = {
    "data": {"frame": {"longest": 512}, "augment": AUGMENT},
    "model": {"encoder": "resnet50d", "pyramid_channels": 64},
    "balance": {"kind": "equal"},
    "classes": {"label": "label", "smoothing": 0.05, "balanced": True},
    "train": {
        "steps": 10_000,
        "batch_size": 16,
        "lr": 5e-4,
        "weight_decay": 0.05,
        "warmup_steps": 500,
        "schedule": "cosine",
        "channels_last": True,
        "evaluate_every": 500,
        "checkpoint_every": 500,
    },
}
"""What a GPU can carry."""


class DiagnoseConfig(RecipeConfig):
    """Settings of the diagnose recipe."""

    classes: ClassesConfig = Field(
        ClassesConfig(label="label"), description="left out where the data have no such label"
    )
    grades: GradesConfig | None = Field(
        None, description="an ordinal label, e.g. grades.label=grade"
    )

    def without_effect(self) -> Mapping[str, str]:
        """Those of a class that is learnt as a grade."""
        found = super().without_effect()
        if self.grades is None or self.grades.label != self.classes.label:
            return found
        others = [name for name in type(self.classes).model_fields if name != "label"]
        why = f"{self.classes.label} is learnt as a grade, by the settings in grades"
        return {**found, **{f"classes.{name}": why for name in others}}

    @property
    def judged(self) -> str:
        """The label that matters most: the grade, where there is one."""
        return self.classes.label if self.grades is None else self.grades.label


class Diagnose(Recipe[DiagnoseConfig]):
    """Probabilities of the values of a label."""

    name = "diagnose"
    summary = "any whole-image label: probabilities of its values, per image and per patient"
    source = "generic; no published system"
    settings = DiagnoseConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"small": SMALL, "paper": LARGE}
    monitor = "label_balanced_accuracy"

    def tasks(self, config: DiagnoseConfig) -> Sequence[TaskConfig]:
        """The label, and the grade where one is named; one label is not read twice."""
        if config.grades is None:
            return (config.classes,)
        if config.grades.label == config.classes.label:
            return (config.grades,)
        return (config.grades, config.classes)

    def monitored(self, config: DiagnoseConfig) -> str:
        """Agreement of grades, else the mean share of each value that was recognised."""
        figure = "balanced_accuracy" if config.grades is None else "quadratic_kappa"
        return f"{config.judged}_{figure}"

    def main_figures(self, config: DiagnoseConfig) -> Sequence[str]:
        """Of the label that matters most, per image and per patient."""
        figures = ("accuracy", "balanced_accuracy", "macro_auc", "auc", "quadratic_kappa")
        return (
            *(f"{config.judged}_{figure}" for figure in figures),
            f"patient_{config.judged}_accuracy",
        )
