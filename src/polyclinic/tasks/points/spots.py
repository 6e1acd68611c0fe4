"""Heat maps held against round spots at the true places."""

from __future__ import annotations

from pydantic import PositiveFloat
from torch import Tensor

from polyclinic.config import Config
from polyclinic.losses.heat_map import divergence, spots


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
