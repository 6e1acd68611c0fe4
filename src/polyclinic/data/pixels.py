"""Decoded pixels of any kind to 8-bit RGB.

- Grey becomes three equal channels; palettes, CMYK, YCbCr and Lab are converted by Pillow.
- Transparent pixels are laid over black: what can't be seen holds no information.
- 16-bit values are divided by the full range of their depth, not by what the image happens to
  hold, so that brightness stays comparable between images: 4095 where no value is above it
  (12-bit cameras store so), else 65535.
- 32-bit integers follow the same rule and are clipped at 65535.
- Floats within 0 ... 1 are multiplied by 255, others are treated as the integers above; an image
  with a pixel that is NaN or infinite is refused.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.errors import ImageError

Deep = NDArray[np.uint16]

TRANSPOSED = (5, 6, 7, 8)
"""Orientations that swap height and width."""
_UPENDED = (3, 4, 7, 8)
_MIRRORED = (2, 3, 6, 7)


def to_rgb8(image: Image.Image, where: str) -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB of a Pillow image, in memory of its own.

    Args:
        image: anything but 16 bits a channel.
        where: the file, for messages.

    Raises:
        ImageError: pixels are NaN or infinite.
    """
    if image.mode.startswith("I"):
        return _stacked(_scaled(np.asarray(image, np.float64)))
    if image.mode == "F":
        return _stacked(_from_floats(np.asarray(image, np.float32), where))
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        black = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        return np.array(Image.alpha_composite(black, layer).convert("RGB"))
    return np.array(image.convert("RGB"))


def decode_deep_colour(encoded: bytes) -> Deep:
    """(H, W, 3) RGB as stored in a file with several channels of 16 bits.

    Pillow would keep the upper byte alone.

    Raises:
        ValueError: the file can't be decoded.
    """
    pixels = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None:
        raise ValueError("16-bit colour")
    colours = np.ascontiguousarray(pixels[..., 2::-1], np.uint16)
    if pixels.shape[2] == 4:
        return np.rint(colours * (pixels[..., 3:] / 65535)).astype(np.uint16)
    return colours


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """(H, W) or (H, W, C) turned so that the first row is the top and the first column the left.

    Args:
        pixels: as stored.
        orientation: of EXIF and TIFF (tag 274), 1 to 8.
    """
    if orientation in TRANSPOSED:
        pixels = pixels.swapaxes(0, 1)
    down = -1 if orientation in _UPENDED else 1
    right = -1 if orientation in _MIRRORED else 1
    return np.ascontiguousarray(pixels[::down, ::right])


def deep_to_rgb8(deep: Deep, white: int | None = None) -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB of (H, W) or (H, W, 3) values of 16 bits.

    Args:
        deep: as stored.
        white: the value that becomes 255; None: as `white_of` says.
    """
    top = white_of(deep) if white is None else white
    table = np.rint(np.arange(65536).clip(0, top) * (255 / top)).astype(np.uint8)
    shown = table[deep]
    return shown if shown.ndim == 3 else _stacked(shown)


def white_of(values: NDArray[np.number]) -> int:
    """The value that stands for white: 255 of 8 bits, else 4095 or 65535."""
    if values.dtype == np.uint8:
        return 255
    return 4095 if values.max(initial=0) <= 4095 else 65535


def _from_floats(values: NDArray[np.float32], where: str) -> NDArray[np.uint8]:
    lost = values.size - np.count_nonzero(np.isfinite(values))
    if lost:
        raise ImageError(
            f"{lost} of {values.size} pixels are NaN or infinite",
            expected="a finite number in each pixel",
            where=where,
            hint="save it with the value of the background where nothing was measured",
        )
    if values.max() <= 1:
        return np.rint(values.astype(np.float64).clip(0, 1) * 255).astype(np.uint8)
    return _scaled(values.astype(np.float64))


def _scaled(values: NDArray[np.float64]) -> NDArray[np.uint8]:
    top = white_of(values)
    return np.rint(values.clip(0, top) * (255 / top)).astype(np.uint8)


def _stacked(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.repeat(grey[..., None], 3, axis=2)
