"""After DeepMT-ND: kidney disease diagnosed from immunofluorescence images that may be blurred.

Fu, Jiang, Pan, Chen, Wang, Dai, Chen, Xu, Computer Methods and Programs in Biomedicine 2023, doi
10.1016/j.cmpb.2023.107747, train three tasks in a hierarchy: image quality, de-blurring,
diagnosis. No code was published, and the abstract says nothing of the network, of the order of
the tasks or of the losses: those are this project's reconstruction, and so are the presets.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from polyclinic.config import merge
from polyclinic.recipes.recipe import PhantomSizes, Progress, Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.quality import QualityConfig
from polyclinic.tasks.restore import RestoreConfig

DIAGNOSIS = "diagnosis"

QUALITY_FIRST: Mapping[str, Any] = {
    "hierarchy": {
        "edges": (
            {"source": "quality", "target": "restore", "detach": True},
            {"source": "restore", "target": DIAGNOSIS, "detach": True},
        )
    }
}
"""Quality opens the gate of de-blurring; the diagnosis looks at the image before and after."""

RESTORE_FIRST: Mapping[str, Any] = {
    "hierarchy": {
        "edges": (
            {"source": "restore", "target": "quality", "detach": True},
            {"source": "quality", "target": DIAGNOSIS, "what": "features"},
            {"source": "restore", "target": DIAGNOSIS, "detach": True},
        )
    }
}
"""Quality looks at what de-blurring made of the image; the diagnosis at all of it."""

FLAT: Mapping[str, Any] = {"hierarchy": {"edges": ()}}
"""Three tasks on one encoder, nothing passed on."""

SINGLE: Mapping[str, Any] = {**FLAT, "quality": None, "restore": None}
"""The diagnosis alone, of images that are blurred in training."""

SMALL: Mapping[str, Any] = merge(
    QUALITY_FIRST,
    {
        "data": {
            "frame": {"longest": 128},
            "augment": {"mirror": 0.5, "degrees": 180.0, "brightness": 0.1},
            "degrade": {"blur": 4 / 256},
        },
        "model": {"encoder": "resnet10t", "pyramid_channels": 32},
        "classes": {"label": "label", "name": DIAGNOSIS},
        "balance": {"kind": "equal"},
        "train": {
            "steps": 1000,
            "max_minutes": 12.0,
            "batch_size": 8,
            "lr": 1e-3,
            "weight_decay": 0.02,
            "warmup_steps": 30,
            "schedule": "cosine",
            "ema": 0.99,
            "channels_last": True,
            "evaluate_every": 200,
            "checkpoint_every": 200,
        },
    },
)
"""Light encoders that learn from scratch in minutes on two cores.

The minutes are twice those of two quiet cores: on a busy machine the steps are done all the same.
"""

LARGE: Mapping[str, Any] = merge(
    SMALL,
    {
        "data": {"frame": {"longest": 512}},
        "model": {"encoder": "resnet34", "pyramid_channels": 64},
        "train": {
            "steps": 20_000,
            "max_minutes": None,
            "batch_size": 16,
            "warmup_steps": 500,
            "evaluate_every": 1000,
            "checkpoint_every": 1000,
        },
    },
)
"""What a GPU can carry; a reconstruction, for nothing of the authors' training is published."""


class KidneyConfig(RecipeConfig):
    """Settings of the kidney recipe."""

    quality: QualityConfig | None = QualityConfig()
    restore: RestoreConfig | None = RestoreConfig()
    classes: ClassesConfig = ClassesConfig(label="label", name=DIAGNOSIS)


class Kidney(Recipe[KidneyConfig]):
    """Diagnosis, quality and a restored image, per image and per patient."""

    name = "kidney"
    summary = "kidney immunofluorescence: diagnosis of blurred images, quality, de-blurring"
    source = "after DeepMT-ND, Fu et al., Comput Methods Programs Biomed 2023; a reconstruction"
    settings = KidneyConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": SMALL,
        "restore-first": merge(SMALL, RESTORE_FIRST),
        "flat": merge(SMALL, FLAT),
        "single": merge(SMALL, SINGLE),
        "paper": LARGE,
    }
    monitor = "label_balanced_accuracy"
    phantoms: ClassVar[PhantomSizes] = PhantomSizes(patients=100, images=6, others=0)
    stress = ("blur",)

    def tasks(self, config: KidneyConfig) -> Sequence[TaskConfig]:
        """From low to high level; what the data can't teach is left out."""
        tasks = (config.quality, config.restore, config.classes)
        return [task for task in tasks if task is not None]

    def monitored(self, config: KidneyConfig) -> str:
        """Of the diagnosis."""
        return f"{config.classes.label}_balanced_accuracy"

    def main_figures(self, config: KidneyConfig) -> Sequence[str]:
        """Diagnosis per image and per patient, quality, restoration."""
        label = config.classes.label
        quality = "quality" if config.quality is None else config.quality.label
        return (
            f"{label}_accuracy",
            f"{label}_macro_auc",
            f"patient_{label}_accuracy",
            f"{quality}_srcc",
            f"{quality}_plcc",
            "restored_psnr",
            "restored_ssim",
        )

    def make_phantoms(
        self, folder: Path, *, patients: int, images: int, seed: int, progress: Progress
    ) -> Path:
        """Procedural glomeruli with known deposits, in and out of focus."""
        from polyclinic.systems.kidney.phantoms import make_cohort

        return make_cohort(
            folder, patients=patients, images_per_patient=images, seed=seed, progress=progress
        )
