"""Heads of an image as a whole, and the settings that their tasks share."""

from __future__ import annotations

from abc import ABC

import torch
from pydantic import Field, PositiveInt
from torch import Tensor, nn

from polyclinic.tasks.scene import Scene
from polyclinic.tasks.task import FeatureShape, TaskConfig


class WholeImageConfig(TaskConfig, ABC):
    """Where a task looks, and the layers that it looks with."""

    name: str | None = Field(
        None, pattern=r"^\w+$", description="of the task; none: that of its kind and label"
    )
    level: str | None = Field(
        None, description="level of the pyramid to look at; none: the encoder's coarsest map"
    )
    hidden: PositiveInt | None = Field(None, description="width of a hidden layer; none: linear")
    dropout: float = Field(0.0, ge=0, lt=1, description="before the last layer")
    balanced: bool = Field(
        False, description="weigh a value by the inverse root of its share of the training images"
    )

    @property
    def task_name(self) -> str:
        """The name that was given, else that of the kind."""
        return self.name or super().task_name


def vector_width(level: str | None, features: FeatureShape, *, where: str) -> int:
    """How many values `look_at` gives an image.

    Args:
        level: of the pyramid; None for the encoder's coarsest map.
        features: what there is.
        where: to be named in messages.

    Raises:
        ConfigError: there is no such level.
    """
    if level is None:
        return features.map_channels[-1] + features.fed
    features.check_levels([level], where=where)
    return features.pyramid_channels + features.fed


def look_at(scene: Scene, level: str | None, name: str) -> Tensor:
    """(B, F) float32 what a task knows of each image.

    That is the mean of a map over the part that the image covers and, beside it, what edges of a
    hierarchy have brought.

    Args:
        scene: what the network has seen.
        level: of the pyramid; None for the encoder's coarsest map.
        name: of the task.
    """
    seen = scene.vector if level is None else scene.mean_of(scene.pyramid[level])
    fed = scene.fed_vector(name)
    return seen if fed is None else torch.cat([seen, fed], 1)


def vector_head(channels: int, hidden: int | None, dropout: float, outputs: int) -> nn.Sequential:
    """(B, channels) to (B, outputs), with one hidden layer where its width is given.

    Dropout stands before the last layer.
    """
    inner = [] if hidden is None else [nn.Linear(channels, hidden), nn.ReLU()]
    width = channels if hidden is None else hidden
    return nn.Sequential(*inner, nn.Dropout(dropout), nn.Linear(width, outputs))


def through(head: nn.Sequential, vector: Tensor) -> tuple[Tensor, Tensor]:
    """(B, F) before the last layer of a `vector_head`, and its outputs; both float32."""
    features = head[:-2](vector)
    return features.float(), head[-2:](features).float()
