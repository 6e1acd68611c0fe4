"""What one task passes on to another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from polyclinic.config import Config

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
