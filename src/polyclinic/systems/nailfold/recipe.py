"""NFCMTL: nailfold capillaries, their classes, masks, landmarks and diameters.

Ding, Tang, Mo, Xu, Shi, Wang: "NFCMTL: Auto NailFold Capillaroscopy through a Multi-Task
Learning Model", MICCAI workshop MSB EMERGE 2025. One Mask R-CNN on MViTv2-T with a feature
pyramid finds capillaries, names them, outlines them and places eight landmarks; six detector
losses are weighted by their uncertainty; diameters follow from the landmarks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

from polyclinic.metrics.presence import presence_figures
from polyclinic.reading import Measurement, Reading
from polyclinic.recipes.recipe import Progress, Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.figures import frame_figures, legacy_figures
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.measurer import NailfoldMeasurer
from polyclinic.systems.nailfold.measure.patients import pool_patients
from polyclinic.tasks import Case, Figure, TaskConfig
from polyclinic.tasks.instances import InstancesConfig
from polyclinic.tasks.landmarks import LandmarksConfig
from polyclinic.tasks.masks import MasksConfig

ABNORMAL = "abnormal"

PAPER: Mapping[str, Any] = {
    "data": {
        "frame": {"longest": 1024, "shortest": 1024},
        "augment": {"mirror": 0.5, "scale": (0.1, 2.0)},
    },
    "model": {"encoder": "mvitv2_tiny", "pyramid_channels": 256},
    "train": {
        "steps": 10_000,
        "clip_norm": None,
        "batch_size": 4,
        "optimiser": "adamw",
        "lr": 1.6e-4,
        "weight_decay": 0.1,
        "warmup_steps": 250,
        "schedule": "step",
        "milestones": (0.75, 0.95),
        "channels_last": True,
        "evaluate_every": 500,
        "checkpoint_every": 500,
    },
}
"""Everything that the authors' configuration sets; the defaults of the tasks are theirs too.

`channels_last` changes how fast it trains, not what.
"""

SMALL: Mapping[str, Any] = {
    "data": {
        "frame": {"longest": 384},
        "augment": {
            "mirror": 0.5,
            "degrees": 8.0,
            "scale": (0.85, 1.1),
            "brightness": 0.15,
            "contrast": 0.15,
            "tint": 0.05,
            "noise": 4.0,
        },
    },
    "model": {"encoder": "resnet10t", "finest": "p1", "pyramid_channels": 48},
    "instances": {
        "proposals": {
            "anchor_sizes": (16, 32, 64, 128, 256),
            "ratios": (0.5, 1.0, 2.0, 4.0),
            "before_nms": (400, 500),
            "after_nms": (300, 500),
        },
        "head": {
            "levels": ("p1", "p2", "p3", "p4", "p5"),
            "hidden": 256,
            "per_class_boxes": False,
            "sampled": 128,
            "positive_share": 0.4,
        },
        "nms_iou": 0.3,
        "rivals": "all",
        "most": 400,
    },
    "masks": {"levels": ("p1", "p2"), "widths": (64, 64), "per_class": False},
    "landmarks": {
        "levels": ("p1", "p2"),
        "widths": (64, 64, 64),
        "codec": "subcell",
        "margin": 0.15,
    },
    "train": {
        "steps": 600,
        "max_minutes": 12.0,
        "batch_size": 2,
        "lr": 2e-3,
        "weight_decay": 0.05,
        "warmup_steps": 50,
        "schedule": "cosine",
        "channels_last": True,
        "evaluate_every": 300,
        "checkpoint_every": 150,
    },
}
"""A light encoder that learns from scratch in minutes on two cores.

The minutes are more than twice those of a quiet core: on a busy machine the steps are done all the
same. After minutes from scratch, what is found twice overlaps by less than half, more often than
two loops of one row do (`nms_iou`), and regions that hit a loop badly are what has to be told from
those that hit it well (`sampled`). Both were chosen on phantom patients that no figure is of.
"""


class NailfoldConfig(RecipeConfig):
    """Settings of the nailfold recipe."""

    instances: InstancesConfig = InstancesConfig()
    masks: MasksConfig = MasksConfig()
    landmarks: LandmarksConfig = LandmarksConfig()
    limits: CapillaryLimits = CapillaryLimits()


class Nailfold(Recipe[NailfoldConfig]):
    """Instances with class, mask and landmarks; capillary measurements from both."""

    name = "nailfold"
    summary = "nailfold capillaries: instances, classes, masks, 8 landmarks, diameters, density"
    source = "NFCMTL, Ding et al., MICCAI workshop MSB EMERGE 2025"
    settings = NailfoldConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"small": SMALL, "paper": PAPER}
    monitor = "instance_f1"
    headline = (
        "instance_f1",
        "class_accuracy",
        "mask_ap50",
        "box_ap50",
        "landmark_error_median_frame",
        "apical_diameter_mae_frame",
    )

    def tasks(self, config: NailfoldConfig) -> Sequence[TaskConfig]:
        """Regions first, then what is read in each."""
        return (config.instances, config.masks, config.landmarks)

    def measurer(self, config: NailfoldConfig) -> NailfoldMeasurer:
        """Diameters, length, tortuosity, distances, density and counts."""
        return NailfoldMeasurer(limits=config.limits)

    def measure_patients(
        self, readings: Sequence[Reading], config: NailfoldConfig
    ) -> Mapping[str, Sequence[Measurement]]:
        """Means over evaluable images, sums of counts."""
        return pool_patients(readings)

    def figures(self, cases: Sequence[Case], config: NailfoldConfig, accept: float) -> list[Figure]:
        """Errors at the reading size, presence of abnormal loops, and the published quantities.

        Each figure is there only where the data hold what it needs.
        """
        schema = next((r.landmark_schema for _, r in cases if r.landmark_schema), None)
        classes = next((r.classes for _, r in cases if r.classes), ())
        figures: list[Figure] = []
        if schema is not None and set(NAILFOLD_LANDMARKS.names) <= set(schema.names):
            figures += frame_figures(cases, schema, accept, config.data.frame.scale)
        if ABNORMAL in classes:
            figures += presence_figures(cases, ABNORMAL, accept)
        if schema is not None and schema.names == NAILFOLD_LANDMARKS.names:
            figures += legacy_figures(cases, schema)
        return figures

    def make_phantoms(
        self, folder: Path, *, patients: int, images: int, seed: int, progress: Progress
    ) -> Path:
        """Procedural nailfold images with exact truth."""
        from polyclinic.systems.nailfold.phantoms import make_cohort

        return make_cohort(
            folder, patients=patients, images_per_patient=images, seed=seed, progress=progress
        )
