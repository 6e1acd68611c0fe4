"""The skin without its loops: colour, texture, papillae and the deep venous plexus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from polyclinic.phantoms.texture import cloud
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig, Patient
from polyclinic.systems.nailfold.phantoms.truth import Scene

Plane = NDArray[np.float32]

_COARSE = 4  # smooth layers are drawn at a quarter of the size
_GRAIN = ((5.0, 6.5, 0.011), (11.0, 16.0, 0.012), (26.0, 48.0, 0.012), (240.0, 240.0, 0.014))
"""Unevenness of the horny layer: scales in µm across and along the finger, and strength."""
_BLUSH = ((38.0, 0.55), (110.0, 0.75), (300.0, 0.6))
"""Vessels too small or deep to be told apart: scales in µm, and blood in µm."""


def skin_tone(
    patient: Patient, scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> list[Plane]:
    """Reflected light of the bloodless skin in red, green and blue, each (H, W).

    It is paler towards the finger tip, and palest where the cuticle begins.
    """
    depth = _behind_row(scene, config.size) * np.float32(config.um_per_px)
    edge = depth + rng.uniform(300, 520) + 9 * cloud(config.size, (60.0, 30.0), rng)
    cuticle = expit(-edge / rng.uniform(10, 30))
    distal = expit(-(depth + 60) / 110)
    ridges = cloud(config.size, (6 / config.um_per_px, 70 / config.um_per_px), rng)
    light = 1 + _grain(config, rng) + 0.05 * _papillae(scene, config)
    light += rng.uniform(0.02, 0.07) * distal + cuticle * (0.07 + 0.02 * ridges)
    yellow = rng.uniform(-0.02, 0.03)
    shift = (0.0, 0.03 + yellow / 2, 0.05 - yellow)
    return [
        np.asarray(patient.skin[c] * light * (1 + shift[c] * distal), np.float32) for c in range(3)
    ]


def _behind_row(scene: Scene, size: tuple[int, int]) -> Plane:
    """(H, W) how far behind the distal row each pixel lies, in px."""
    x = np.arange(size[1], dtype=np.float32)[None] - np.float32(scene.row.middle[0])
    y = np.arange(size[0], dtype=np.float32)[:, None] - np.float32(scene.row.middle[1])
    cosine, sine = np.cos(scene.row.tilt), np.sin(scene.row.tilt)
    along, down = x * cosine + y * sine, y * cosine - x * sine
    return np.asarray(down - scene.row.curvature * along**2, np.float32)


def _grain(config: NailfoldPhantomConfig, rng: np.random.Generator) -> Plane:
    total = np.zeros(config.size, np.float32)
    for across, along, strength in _GRAIN:
        scale = (along / config.um_per_px, across / config.um_per_px)
        total += strength * cloud(config.size, scale, rng)
    return total


def _papillae(scene: Scene, config: NailfoldPhantomConfig) -> Plane:
    """(H, W) 0 to 1: the pale bed in which each loop lies."""
    coarse = _coarse(config)
    thick = max(round(44 / config.um_per_px / _COARSE), 1)
    for placed in scene.loops:
        loop = placed.loop
        line = np.concatenate([loop.left.points[::-4], loop.right.points[::4]]) / _COARSE
        cv2.polylines(coarse, [np.round(line).astype(np.int32)], False, 1.0, thick)
    soft = cv2.GaussianBlur(coarse, (0, 0), 16 / config.um_per_px / _COARSE)
    return _enlarged(np.asarray(soft, np.float32), config)


def deep_blood_um(
    patient: Patient, scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> Plane:
    """(H, W) path through blood under the loops, in µm.

    A blush that grows proximally, and the subpapillary venous plexus: wide, roughly level vessels
    that lie deep and are seen blurred.
    """
    coarse = _coarse(config)
    px = 1 / config.um_per_px / _COARSE
    for scale, strength in _BLUSH:
        coarse += strength * cloud(coarse.shape, (scale * px, 1.4 * scale * px), rng)
    for _ in range(rng.poisson(9 * patient.disease.plexus)):
        layer = np.zeros_like(coarse)
        points = np.round(_plexus_line(scene, config, rng) / _COARSE * 8).astype(np.int32)
        thick = max(round(rng.uniform(16, 44) * px), 1)
        cv2.polylines(layer, [points], False, rng.uniform(1.2, 3.8), thick, cv2.LINE_AA, 3)
        coarse += cv2.GaussianBlur(layer, (0, 0), rng.uniform(9, 20) * px)
    behind = _behind_row(scene, config.size) * np.float32(config.um_per_px / 1000)
    return _enlarged(coarse, config) + 2.4 * np.clip(behind + 0.1, 0, 0.8)


def _plexus_line(
    scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> NDArray[np.float64]:
    """(N, 2) x, y of a wandering vessel behind the loops, in px."""
    count = int(rng.integers(14, 36))
    step = 2 * scene.row.half_px / 36
    along = rng.uniform(-1.1, 0.9) * scene.row.half_px + step * np.arange(count)
    wander = cloud((1, count), (1, 5), rng)[0] * rng.uniform(15, 60)
    behind = rng.uniform(280, 1000) + wander + rng.normal(0, 6) * np.arange(count)
    return np.array(
        [
            scene.row.at(float(a), float(b) / config.um_per_px)
            for a, b in zip(along, behind, strict=True)
        ]
    )


def _coarse(config: NailfoldPhantomConfig) -> Plane:
    return np.zeros(tuple(side // _COARSE + 1 for side in config.size), np.float32)


def _enlarged(coarse: Plane, config: NailfoldPhantomConfig) -> Plane:
    full = cv2.resize(coarse, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: config.size[0], : config.size[1]], np.float32)
