"""Uneven light: gradient, vignette, and what lies on the skin (glare, hair, bubbles)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.texture import cloud
from polyclinic.systems.nailfold.phantoms.config import NailfoldPhantomConfig

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
