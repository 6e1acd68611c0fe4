"""The picture being drawn on, and how large a hairline is on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Pixels

# Images smaller than this are enlarged, at most so many times: names must stay legible.
_LEGIBLE_SIDE = 960
_LARGEST_FACTOR = 8


@dataclass(frozen=True, eq=False)
class Canvas:
    """A picture that is changed in place.

    Args:
        pixels: (H, W, 3) RGB.
        factor: canvas pixels per image pixel, a whole number.
        emphasis: how much larger text and lines are than in a picture shown at full width.
    """

    pixels: NDArray[np.uint8]
    factor: int
    emphasis: float = 1.0

    @classmethod
    def over(cls, image: Pixels, emphasis: float = 1.0) -> Canvas:
        """A copy of an (H, W[, C]) image, enlarged when it is small."""
        rgb = as_rgb8(image)
        height, width = rgb.shape[:2]
        factor = min(_LARGEST_FACTOR, max(1, -(-_LEGIBLE_SIDE // max(height, width))))
        size = (width * factor, height * factor)
        enlarged = cv2.resize(rgb, size, interpolation=cv2.INTER_CUBIC) if factor > 1 else rgb
        return cls(cast("NDArray[np.uint8]", enlarged).copy(), factor, emphasis)

    @property
    def unit(self) -> float:
        """Canvas pixels that look like one pixel of a picture of 1000."""
        return self.emphasis * max(1.0, max(self.pixels.shape[:2]) / 1000)

    def line(self, units: float) -> int:
        """Thickness of a line, never thinner than a pixel."""
        return max(1, round(units * self.unit))

    def place(self, xy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Canvas position of (..., 2) image positions."""
        return (xy + 0.5) * self.factor - 0.5


def as_rgb8(image: Pixels) -> NDArray[np.uint8]:
    """Any image as (H, W, 3) bytes for viewing; other depths are stretched to their range."""
    array: NDArray[np.generic] = image[..., None] if image.ndim == 2 else image
    if array.dtype != np.uint8:
        values = np.nan_to_num(array.astype(np.float64))
        low, high = values.min(), values.max()
        array = (255 * (values - low) / max(high - low, 1e-12)).astype(np.uint8)
    colours = array[..., :3] if array.shape[-1] >= 3 else array[..., :1].repeat(3, axis=-1)
    return cast("NDArray[np.uint8]", np.ascontiguousarray(colours))
