"""The curved line on which the apices of the distal row lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.config import NailfoldPhantomConfig


@dataclass(frozen=True, eq=False, kw_only=True)
class Row:
    """The gently curved line on which the apices of the distal row lie.

    Args:
        middle: (2,) its middle in px.
        tilt: radians, clockwise in the image.
        curvature: fall towards both sides, in px per px squared.
        half_px: reach to either side that covers the image.
    """

    middle: NDArray[np.float64]
    tilt: float
    curvature: float
    half_px: float

    def at(self, along: float, behind: float = 0.0) -> NDArray[np.float64]:
        """(x, y) at a way along the row, moved away from the finger tip."""
        down = self.curvature * along**2 + behind
        cosine, sine = np.cos(self.tilt), np.sin(self.tilt)
        return self.middle + np.array([cosine * along - sine * down, sine * along + cosine * down])

    def tilt_at(self, along: float) -> float:
        """Direction of the finger tip at a place of the row."""
        return self.tilt + float(np.arctan(2 * self.curvature * along)) * 0.6


def draw_row(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Row:
    """Lay a row across the upper part of the image, turned about its middle."""
    height, width = config.size
    tilt = np.deg2rad(rng.uniform(-1, 1) * config.tilt_degrees)
    off = np.array([0, rng.uniform(0.27, 0.40) * height - height / 2])
    turned = np.array([-np.sin(tilt) * off[1], np.cos(tilt) * off[1]])
    return Row(
        middle=np.array([width - 1, height - 1]) / 2 + turned,
        tilt=float(tilt),
        curvature=float(rng.uniform(-0.1, 0.4) * height / width**2),
        half_px=0.5 * float(np.hypot(height, width)),
    )
