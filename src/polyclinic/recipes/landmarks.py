"""Any landmarks of one object an image: a heat map each, and the distances between them.

The small preset is no published system. The others have the network and the loss of KNEEL
(Tiulpin, Melekhov, Saarakkala: "KNEEL: Knee Anatomical Landmark Localization Using Hourglass
Networks", ICCV workshop VRMI 2019), for images that show one region as its second stage does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import Field, PositiveFloat

from polyclinic.config import merge
from polyclinic.data.augment.grain import GRAINS
from polyclinic.measure.distances import DistanceMeasurer, Pair
from polyclinic.recipes.recipe import Recipe
from polyclinic.recipes.settings import RecipeConfig
from polyclinic.tasks import TaskConfig
from polyclinic.tasks.classes import ClassesConfig
from polyclinic.tasks.points import PointsConfig
from polyclinic.training.strategy import Mixup, Strategy, Supervised

SMALL_NETWORK: Mapping[str, Any] = {
    "model": {"encoder": "hourglass", "hourglass": {"width": 16, "depth": 4}},
    "balance": {"kind": "equal"},
    "points": {
        "levels": ("p2",),
        "head": "output_block",
        "dropout": 0.1,
        "loss": {"kind": "wing", "unit": "pixel", "width": 10.0, "curvature": 2.0},
        "spot": {"weight": 100.0},
    },
    "train": {
        "steps": 3000,
        "max_minutes": 15.0,
        "batch_size": 4,
        "lr": 2e-3,
        "weight_decay": 0.0,
        "clip_norm": 5.0,
        "warmup_steps": 50,
        "schedule": "cosine",
        "ema": 0.99,
        "channels_last": True,
        "evaluate_every": 300,
        "checkpoint_every": 300,
    },
}
"""A light hourglass that learns from scratch in minutes on two cores."""

SMALL: Mapping[str, Any] = merge(
    SMALL_NETWORK,
    {
        "data": {
            "frame": {"longest": 320},
            "augment": {
                "mirror": 0.5,
                "degrees": 20.0,
                "scale": (0.8, 1.25),
                "brightness": 0.2,
                "contrast": 0.2,
                "gamma": 0.3,
                "noise": 4.0,
            },
        },
    },
)

PAPER: Mapping[str, Any] = {
    "data": {
        "frame": {"longest": 450},
        "augment": {
            "plane": 0.7,
            "mirror": 0.5,
            "warp": 0.5,
            "degrees": 90.0,
            "scale": (0.8, 1.3),
            "shear": 0.1,
            "perspective": 0.93,
            "zoom": (0.5, 2.5),
            "shift": 0.08,
            "grain": GRAINS,
            "gamma": 0.8,
            "gamma_often": 0.5,
        },
    },
    "model": {"encoder": "hourglass", "hourglass": {"width": 24, "depth": 6}},
    "balance": {"kind": "equal"},
    "points": {
        "levels": ("p2",),
        "head": "output_block",
        "dropout": 0.25,
        "loss": {"kind": "wing", "unit": "share", "width": 15.0, "curvature": 3.0},
    },
    "train": {
        "steps": 3700,
        "batch_size": 16,
        "lr": 1e-3,
        "weight_decay": 0.0,
        "clip_norm": None,
        "warmup_steps": 0,
        "schedule": "step",
        "milestones": (),
        "factors": (),
        "evaluate_every": 370,
        "checkpoint_every": 370,
    },
}
"""The network of the paper's text: depth 6, hierarchical blocks at every level, true 1x1
convolutions, nearest up-sampling. Adam at a constant rate without decay; 100 epochs of the
paper's 598 training knees are 3700 steps of 16."""

RELEASED: Mapping[str, Any] = merge(
    PAPER,
    {
        "model": {
            "hourglass": {"depth": 4, "kernel": 3, "upsampling": "bilinear", "inner": "plain"}
        },
        "points": {"kernel": 3},
    },
)
"""The network that the released weights most likely belong to."""


class LandmarksConfig(RecipeConfig):
    """Settings of the landmarks recipe."""

    points: PointsConfig = PointsConfig()
    classes: ClassesConfig | None = Field(
        None, description="a whole-image label to be learnt beside, e.g. classes.label=grade"
    )
    distances: tuple[Pair, ...] = ()
    mixup: PositiveFloat | None = Field(
        None, description="a of Beta(a, a): mix images as KNEEL does, at twice the time a step"
    )


class Landmarks(Recipe[LandmarksConfig]):
    """Named points of the one object of an image, and distances between them."""

    name = "landmarks"
    summary = "any landmarks: named points of one object an image, with their distances"
    source = "generic; presets paper and released: the network of KNEEL, ICCV-W VRMI 2019"
    settings = LandmarksConfig
    presets: ClassVar[Mapping[str, Mapping[str, Any]]] = {
        "small": SMALL,
        "paper": PAPER,
        "released": RELEASED,
    }
    monitor = "only_object_error_mean"
    headline = (
        "only_object_error_median",
        "only_object_error_mean",
        "pck_4px",
        "landmark_error_median_mm",
        "pck_2mm",
    )

    def tasks(self, config: LandmarksConfig) -> Sequence[TaskConfig]:
        """Points, with those that distances are asked between, and a label where one is named."""
        ends = dict.fromkeys(name for pair in config.distances for name in pair)
        required = tuple(dict.fromkeys((*config.points.required, *ends)))
        points = config.points.model_copy(update={"required": required})
        return (points,) if config.classes is None else (points, config.classes)

    def strategy(self, config: LandmarksConfig) -> Strategy:
        """Mixed images where they are asked for."""
        return Supervised() if config.mixup is None else Mixup(config.mixup)

    def measurer(self, config: LandmarksConfig) -> DistanceMeasurer:
        """The distances asked for."""
        return DistanceMeasurer(pairs=config.distances)
