"""From light to the JPEG file: point spread, colour, noise."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.systems.nailfold.phantoms.config import NailfoldPhantomConfig

Plane = NDArray[np.float32]

_CHROMATIC = (1.12, 1.0, 1.18)  # red and blue are focused a little worse than green


def expose(
    light: list[Plane],
    gain: NDArray[np.float64],
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> NDArray[np.uint8]:
    """(H, W, 3) 8-bit RGB of the light in red, green and blue, 0 to 1.

    Noise is that of photons (variance in proportion to the light) and of the read-out.
    """
    spread = rng.uniform(*config.blur_um) / config.um_per_px
    balance = gain * rng.normal(1, 0.012, 3)
    level = rng.uniform(*config.noise)
    noise = rng.standard_normal((*config.size, 3), np.float32)
    planes = []
    for c, plane in enumerate(light):
        seen = cv2.GaussianBlur(plane, (0, 0), spread * _CHROMATIC[c]) * np.float32(balance[c])
        grain = level * np.sqrt(np.maximum(2 * seen, 0) * 0.8 + 0.2) * noise[..., c]
        planes.append((seen + grain) * 255 + 0.5)
    return np.asarray(np.clip(cv2.merge(planes), 0, 255), np.uint8)


def to_jpeg(pixels: NDArray[np.uint8], config: NailfoldPhantomConfig) -> bytes:
    """Encode as the file that a capillaroscope would write."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=config.jpeg_quality)
    return file.getvalue()


def from_jpeg(data: bytes) -> NDArray[np.uint8]:
    """Decode to (H, W, 3) RGB."""
    with Image.open(io.BytesIO(data)) as image:
        return np.array(image)
