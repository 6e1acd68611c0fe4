"""Light and camera: gradient, glare, hair, bubbles, point spread, colour, noise."""

from __future__ import annotations

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from polyclinic.phantoms.texture import cloud
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig

Plane = NDArray[np.float32]


def illumination(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Plane:
    """(H, W) light that falls on the skin, about 1."""
    height, width = config.size
    x = np.linspace(-1, 1, width, dtype=np.float32)[None] - rng.normal(0, 0.2)
    y = np.linspace(-1, 1, height, dtype=np.float32)[:, None] - rng.normal(0, 0.2)
    slope_x, slope_y = rng.normal(0, 0.06, 2)
    vignette = rng.uniform(0.02, 0.16)
    light = (1 + slope_x * x + slope_y * y) * np.exp(-vignette * (x * x + y * y))
    return np.asarray(light * rng.uniform(0.94, 1.06), np.float32)


def glare(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Plane:
    """(H, W) light mirrored by wet skin: small bright specks in a soft halo."""
    height, width = config.size
    reach = rng.uniform(60, 160) / config.um_per_px
    x = np.arange(width, dtype=np.float32)[None] - rng.uniform(0, width)
    y = np.arange(height, dtype=np.float32)[:, None] - rng.uniform(0, height)
    halo = np.exp(-((x / (1.6 * reach)) ** 2) - (y / reach) ** 2)
    specks = np.clip(
        cloud(config.size, (2.6, 6.0), rng) + 0.6 * cloud(config.size, (24.0, 40.0), rng) - 1.5,
        0,
        1,
    )
    soft = cv2.GaussianBlur(np.asarray(specks * halo, np.float32), (0, 0), 1.0)
    return np.asarray(0.10 * halo + 1.6 * soft, np.float32)


def hair(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Plane:
    """(H, W) light that passes a fibre or hair on the skin, 0 to 1."""
    height, width = config.size
    start, stop = rng.uniform(-0.2, 1.2, (2, 2)) * (width, height)
    bow = (start + stop) / 2 + rng.normal(0, 0.15 * width, 2)
    t = np.linspace(0, 1, 60)[:, None]
    curve = (1 - t) ** 2 * start + 2 * t * (1 - t) * bow + t**2 * stop
    shade = np.zeros(config.size, np.float32)
    thick = max(round(rng.uniform(4, 9) / config.um_per_px), 1)
    points = np.round(curve * 8).astype(np.int32)
    cv2.polylines(shade, [points], False, 1.0, thick, cv2.LINE_AA, 3)
    soft = cv2.GaussianBlur(shade, (0, 0), rng.uniform(2.0, 4.0) / config.um_per_px)
    return np.asarray(1 - rng.uniform(0.35, 0.65) * soft, np.float32)


def bubbles(config: NailfoldPhantomConfig, rng: np.random.Generator) -> tuple[Plane, Plane]:
    """Air bubbles in the immersion oil: (H, W) light that passes, and light added."""
    passed, mirrored = np.ones(config.size, np.float32), np.zeros(config.size, np.float32)
    height, width = config.size
    for _ in range(rng.integers(1, 5)):
        radius = max(rng.gamma(3.0, 9.0), 10.0) / config.um_per_px
        middle = rng.uniform(0, 1, 2) * (width, height)
        rim = rng.uniform(0.10, 0.16)
        x1, y1 = np.maximum(middle - 1.4 * radius - 1, 0).astype(int)
        x2, y2 = (middle + 1.4 * radius + 2).astype(int)
        x = np.arange(x1, min(x2, width), dtype=np.float32)[None] - np.float32(middle[0])
        y = np.arange(y1, min(y2, height), dtype=np.float32)[:, None] - np.float32(middle[1])
        away = np.hypot(x, y) / radius
        window = np.s_[y1:y2, x1:x2]
        passed[window] *= 1 - 0.45 * np.exp(-(((away - 1 + rim) / rim) ** 2))
        mirrored[window] += 0.10 * np.exp(-(((away - 1 + 2.6 * rim) / rim) ** 2))
        spot = np.hypot(x + 0.35 * radius, y + 0.4 * radius) / (0.14 * radius)
        mirrored[window] += 0.55 * np.exp(-(spot**2))
    return passed, mirrored


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
