"""Edges of a task hierarchy: what a task shows of its work, and passes on to another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from pydantic import Field
from torch import Tensor

from polyclinic.config import Config

Width = int | Literal["image"]
"""Values of a vector, or `image` for (3, H, W) on a scale of 0 to 1."""


@dataclass(frozen=True)
class TaskOutput:
    """What a task found in a batch, for itself and for those that an edge leads to.

    Args:
        features: (B, F) float32 before the last layer.
        prediction: (B, K) float32, or images (B, 3, H, W) on a scale of 0 to 1.
        own: what the task itself needs again for its losses and predictions.
    """

    features: Tensor
    prediction: Tensor
    own: Mapping[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class EdgeInput:
    """What arrived along an edge.

    Args:
        source: the task that it comes from.
        what: its features or its prediction.
        vector: (B, F) float32; of an image, the mean of the second encoder's coarsest map.
    """

    source: str
    what: What
    vector: Tensor


IMAGE = "image"
"""Named as a source, the image itself: what it passes on is looked at a second time."""

What = Literal["features", "prediction"]


class Edge(Config):
    """One arrow of a hierarchy of tasks.

    A vector that arrives is laid beside the target's own features; an image that arrives is looked
    at by the second encoder first.
    """

    source: str = Field(description="name of a task, or `image` for the image as it was read")
    target: str = Field(description="name of the task that receives")
    what: What = Field("prediction", description="what is passed on")
    detach: bool = Field(False, description="whether the target's gradients stop here")

    def __str__(self) -> str:
        """`source -> target`."""
        return f"{self.source} -> {self.target}"


class HierarchyConfig(Config):
    """A directed graph of tasks without circles; without edges the tasks share an encoder only."""

    edges: tuple[Edge, ...] = ()
    second: Literal["own", "shared"] = Field(
        "own", description="the encoder that looks at images that were passed on"
    )

    def without_effect(self) -> Mapping[str, str]:
        """Who looks at what is passed on, where nothing is."""
        return {} if self.edges else {"second": "there are no edges"}
