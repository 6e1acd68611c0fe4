"""Extravasated blood above the loops: irregular blots and stacks of caps."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.texture import cloud

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Stain:
    """Part of a picture whose first pixel is (left, top).

    Args:
        pigment: (h, w) depth of blood in the tissue, about 0 to 1.
        covered: (h, w) pixels of at least half of the usual depth.
        kind: `blot` or `caps`.
    """

    left: int
    top: int
    pigment: NDArray[np.float32]
    covered: NDArray[np.bool_]
    kind: str


def draw_haemorrhage(
    centre: Floats, tilt: float, um_per_px: float, rng: np.random.Generator
) -> Stain:
    """Draw one haemorrhage around (x, y) in px; caps lie at right angles to the tilted axis."""
    caps = rng.random() < 0.45
    radius = rng.uniform(38, 70) if caps else rng.uniform(26, 62)
    reach = int(np.ceil(2.2 * radius / um_per_px))
    middle = np.round(centre).astype(int)
    axis = np.arange(-reach, reach + 1, dtype=np.float32) * um_per_px
    sideways = np.cos(tilt) * axis[None] + np.sin(tilt) * axis[:, None]
    depth = -np.sin(tilt) * axis[None] + np.cos(tilt) * axis[:, None]
    draw = _caps if caps else _blot
    height = draw(sideways, depth, radius, rng)
    fine, coarse = (cloud(height.shape, (um / um_per_px,) * 2, rng) for um in (9, 26))
    rough = 0.16 * fine + (0.12 if caps else 0.30) * coarse
    edge = np.clip((height + rough) * 2.2 + 0.5, 0, 1)
    pigment = cv2.GaussianBlur(edge, (0, 0), 2.2 / um_per_px)
    pigment = _without_specks(np.asarray(pigment, np.float32))
    covered = pigment >= 0.5
    grain = 1 + 0.16 * cloud(height.shape, (14 / um_per_px,) * 2, rng)
    strength = np.float32(rng.uniform(0.62, 1.0))
    left, top = middle - reach
    return Stain(
        int(left), int(top), pigment * grain * strength, covered, "caps" if caps else "blot"
    )


def _blot(
    sideways: NDArray[np.float32],
    depth: NDArray[np.float32],
    radius: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    flat = rng.uniform(0.65, 1.0)
    return 1 - np.hypot(sideways / radius, depth / (flat * radius))


def _caps(
    sideways: NDArray[np.float32],
    depth: NDArray[np.float32],
    radius: float,
    rng: np.random.Generator,
) -> NDArray[np.float32]:
    """Crescents above each other: the loop bled more than once while the skin grew out."""
    count = int(rng.integers(2, 4))
    pitch = rng.uniform(26, 36)
    best = np.full_like(sideways, -9)
    shift = rng.normal(0, 0.15 * radius, count)
    for number in range(count):
        width = radius * rng.uniform(0.75, 1.0) * (1 - 0.12 * number)
        beside = sideways - shift[number]
        arched = depth - (0.5 * (count - 1) - number) * pitch - 0.28 * beside**2 / width
        cap = 1 - np.hypot(beside / width, arched / rng.uniform(11, 17))
        best = np.maximum(best, 0.8 * cap)
    return best


def _without_specks(pigment: NDArray[np.float32]) -> NDArray[np.float32]:
    """Leave out parts smaller than a twentieth of the whole."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats((pigment > 0.1).astype(np.uint8))
    areas = stats[:, cv2.CC_STAT_AREA]
    kept = areas >= 0.05 * areas[1:].sum()
    return np.where(kept[labels], pigment, np.float32(0))
