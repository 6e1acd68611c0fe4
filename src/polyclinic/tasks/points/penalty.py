"""Losses of points: heat maps against spots, and distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Literal

from pydantic import PositiveFloat
from torch import Tensor, nn

from polyclinic.config import Config
from polyclinic.losses import AdaptiveRobustLoss, elastic_loss, l1_loss, l2_loss, wing_loss
from polyclinic.losses.points import divergence, spots


class SpotConfig(Config):
    """Weight and size of the spots.

    The expected place alone says little while a map is still flat, and nothing of how wide it
    may be; see `divergence`.
    """

    weight: PositiveFloat = 20.0
    sigma: PositiveFloat = 1.0

    def loss(self, maps: Tensor, places: Tensor) -> Tensor:
        """Weighted sum over N maps (N, h, w) with true places (N, 2) in cells."""
        shape = (maps.shape[1], maps.shape[2])
        return self.weight * divergence(maps, spots(places, self.sigma, shape)).sum()


Distance = Literal["wing", "l1", "l2", "elastic", "robust"]
Unit = Literal["pixel", "share"]


class PenaltyConfig(Config):
    """Which loss of the difference between a found and a true coordinate, and in which unit."""

    kind: Distance = "wing"
    unit: Unit = "pixel"
    width: PositiveFloat = 15.0
    curvature: PositiveFloat = 3.0
    scale: PositiveFloat = 1.0

    def without_effect(self) -> Mapping[str, str]:
        """Settings of what was not chosen."""
        of = {"width": "wing", "curvature": "wing", "scale": "robust"}
        return {key: f"the loss is {self.kind}" for key, kind in of.items() if kind != self.kind}

    def build(self) -> Penalty:
        """Make the loss."""
        return Penalty(self)


class Penalty(nn.Module):
    """Loss of each coordinate; `robust` has parameters, which are trained with the network.

    Args:
        config: `unit` is a pixel of the network, or a share of the image's width and height;
            `width` and `curvature` of `wing` and the first `scale` of `robust` are in that unit.
    """

    def __init__(self, config: PenaltyConfig) -> None:
        super().__init__()
        self.config = config
        self.learned = AdaptiveRobustLoss(config.scale) if config.kind == "robust" else None
        fixed: dict[str, Callable[[Tensor], Tensor]] = {
            "wing": partial(wing_loss, width=config.width, curvature=config.curvature),
            "l1": l1_loss,
            "l2": l2_loss,
            "elastic": elastic_loss,
        }
        self.distance = self.learned or fixed[config.kind]

    def forward(self, difference: Tensor, size: tuple[int, int]) -> Tensor:
        """(N, 2) differences in network pixels of an image of (height, width) to (N, 2) losses."""
        if self.config.unit == "share":
            difference = difference / difference.new_tensor([size[1], size[0]])
        return self.distance(difference)
