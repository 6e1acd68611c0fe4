"""Decoded pixels of any kind to 8-bit RGB.

- Grey becomes three equal channels; palettes, CMYK, YCbCr and Lab are converted by Pillow.
- Transparent pixels are laid over black: what can't be seen holds no information.
- 16-bit values are divided by the full range of their depth, not by what the image happens to
  hold, so that brightness stays comparable between images: 4095 where no value is above it
  (12-bit cameras store so), else 65535.
- 32-bit integers follow the same rule and are clipped at 65535.
- Floats within 0 ... 1 are multiplied by 255, others are treated as the integers above; NaN is 0.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image


def to_rgb8(image: Image.Image) -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB of a Pillow image, in memory of its own."""
    if image.mode.startswith("I"):
        return _stacked(_scaled(np.asarray(image, np.float64)))
    if image.mode == "F":
        return _stacked(_from_floats(np.asarray(image, np.float32)))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        black = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        return np.array(Image.alpha_composite(black, layer).convert("RGB"))
    return np.array(image.convert("RGB"))


def deep_colour_to_rgb8(encoded: bytes) -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB of a file with several channels of 16 bits.

    Pillow would keep the upper byte alone, whatever the range in use.

    Raises:
        ValueError: the file can't be decoded.
    """
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("16-bit colour")
    colours = _scaled(pixels[..., 2::-1].astype(np.float64))
    if pixels.shape[2] == 4:
        opacity = pixels[..., 3:] / 65535
        return np.rint(colours * opacity).astype(np.uint8)
    return colours


def _from_floats(values: NDArray[np.float32]) -> NDArray[np.uint8]:
    finite = np.nan_to_num(values.astype(np.float64), nan=0, posinf=0, neginf=0)
    if finite.max() <= 1:
        return np.rint(finite.clip(0, 1) * 255).astype(np.uint8)
    return _scaled(finite)


def _scaled(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    top = 4095 if values.max() <= 4095 else 65535
    return np.rint(values.clip(0, top) * (255 / top)).astype(np.uint8)


def _stacked(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[..., None], 3, axis=2)
