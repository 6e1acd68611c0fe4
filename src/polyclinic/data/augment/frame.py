"""The size at which a network looks at images, and an image in it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from polyclinic.config import Config
from polyclinic.geometry import Homography, Size, warp_image
from polyclinic.sample import Sample


class FrameConfig(Config):
    """Images are scaled, both ways alike, until a side meets its limit.

    The longest side becomes `longest`, unless the shortest would then exceed `shortest`.
    """

    longest: int = Field(1024, ge=64, le=8192)
    shortest: int | None = Field(None, ge=32, le=8192)

    def scale(self, size: Size) -> float:
        """Network pixels per pixel of an image of (height, width)."""
        scale = self.longest / max(size)
        return scale if self.shortest is None else min(scale, self.shortest / min(size))

    def fit(self, size: Size) -> Size:
        """(height, width) in the network of an image of that size, at least one pixel."""
        scale = self.scale(size)
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def framed(sample: Sample, frame: FrameConfig) -> tuple[NDArray[np.uint8], Homography]:
    """(h, w, 3) pixels of a loaded sample in its frame, and the map from its pixels to these."""
    fitted = frame.fit(sample.size)
    to_network = Homography.resize(sample.size, fitted)
    return np.asarray(warp_image(sample.pixels, to_network, fitted), np.uint8), to_network
