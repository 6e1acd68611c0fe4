"""Any regions: one mask a class, with its size and shape measured.

No published system, but the plain one that others are to be compared with: an encoder, a feature
pyramid whose levels are added up, and a probability a class and pixel. Measurements follow from
the mask.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from polyclinic.measure.regions import SHAPES, RegionMeasurer, Shape
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.segments import SegmentsConfig

AUGMENT: Mapping[str, Any] = {
    "mirror": 0.5,
    "degrees": 20.0,
    "scale": (0.8, 1.25),
    "brightness": 0.2,
    "contrast": 0.2,
    "gamma": 0.3,
    "noise": 4.0,
}

SMALL: Mapping[str, Any] = {
    "data": {"frame": {"longest": 320}, "augment": AUGMENT},
    "model": {"encoder": "resnet18", "pyramid_channels": 32},
    "balance": {"kind": "equal"},
    "segments": {"width": 64},
    "train": {
        "steps": 3000,
        "max_minutes": 15.0,
        "batch_size": 4,
        "lr": 2e-3,
        "weight_decay": 0.05,
        "warmup_steps": 50,
        "schedule": "cosine",
        "ema": 0.99,
        "channels_last": True,
        "evaluate_every": 300,
        "checkpoint_every": 300,
    },
}
"""A light encoder that learns from scratch in minutes on two cores.

Averaged weights count for much here: a few hundred steps leave each weight, and the statistics of
batch normalisation, far from settled.
"""

LARGE: Mapping[str, Any] = {
    "data": {"frame": {"longest": 768}, "augment": AUGMENT},
    "model": {"encoder": "resnet50d", "pyramid_channels": 256, "finest": "p1"},
    "balance": {"kind": "equal"},
    "segments": {"levels": ("p1", "p2", "p3", "p4", "p5"), "width": 128},
    "train": {
        "steps": 10_000,
        "batch_size": 8,
        "lr": 1e-3,
        "weight_decay": 0.05,
        "warmup_steps": 500,
        "schedule": "cosine",
        "channels_last": True,
        "evaluate_every": 500,
        "checkpoint_every": 500,
    },
}
"""What a GPU can carry: a deeper encoder, a larger frame, cells of two pixels."""


class SegmentConfig(RecipeConfig):
    """Settings of the segment recipe."""

    segments: SegmentsConfig = SegmentsConfig()
    shape: tuple[Shape, ...] = SHAPES


class Segment(Recipe[SegmentConfig]):
    """One region a class, measured."""

    name = "segment"
    summary = "any regions: one mask a class, with size and shape measured"
    source = "generic; no published system"
    settings = SegmentConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {"small": SMALL, "paper": LARGE}
    monitor = "mask_dice"
    headline = ("mask_dice", "mask_iou", "mask_hd95_mm", "mask_hd95_px")

    def tasks(self, config: SegmentConfig) -> Sequence[TaskConfig]:
        """Dense segmentation alone."""
        return (config.segments,)

    def measurer(self, config: SegmentConfig) -> RegionMeasurer:
        """Area, circumference and axes of each class's region."""
        return RegionMeasurer(shapes=config.shape)
