"""What a task lets other tasks see of its work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from torch import Tensor

from polyclinic.tasks.edge import What

Width = int | Literal["image"]
"""Values of a vector, or `image` for (3, H, W) on a scale of 0 to 1."""


@dataclass(frozen=True)
class Outlook:
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
class Fed:
    """What arrived along an edge.

    Args:
        source: the task that it comes from.
        what: its features or its prediction.
        vector: (B, F) float32; of an image, the mean of the second encoder's coarsest map.
    """

    source: str
    what: What
    vector: Tensor
