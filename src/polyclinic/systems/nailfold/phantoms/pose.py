"""Where and how a loop is seen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Pose:
    """Place, direction and visibility of a loop.

    Args:
        apex: (2,) x, y in px.
        tilt: radians, clockwise in the image; 0 has the apex on top.
        contrast: factor on the light that blood absorbs.
        um_per_px: scale.
        visible_contrast: darkening of green light from which a vessel is annotated.
    """

    apex: Floats
    tilt: float
    contrast: float
    um_per_px: float
    visible_contrast: float

    @property
    def axis(self) -> Floats:
        """(2,) unit vector towards the finger tip."""
        return np.array([np.sin(self.tilt), -np.cos(self.tilt)])

    def place(self, local_um: Floats) -> Floats:
        """(N, 2) sideways and depth in µm to x, y in px."""
        cosine, sine = np.cos(self.tilt), np.sin(self.tilt)
        turned = local_um @ np.array([[cosine, sine], [-sine, cosine]])
        return self.apex + turned / self.um_per_px
