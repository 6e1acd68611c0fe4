"""The skin without its loops: colour, texture, papillae and the deep venous plexus."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.nailfold.config import NailfoldPhantomConfig
from polyclinic.phantoms.nailfold.patient import Patient
from polyclinic.phantoms.nailfold.scene import Scene
from polyclinic.phantoms.nailfold.texture import cloud

Plane = NDArray[np.float32]

_COARSE = 4  # smooth layers are drawn at a quarter of the size
_TEXTURE = ((7.0, 0.012), (18.0, 0.016), (55.0, 0.020), (190.0, 0.022))
"""Scales in µm of the skin's unevenness and their strength."""


def skin_tone(
    patient: Patient, scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> list[Plane]:
    """Reflected light of the skin in red, green and blue, each (H, W).

    Towards the finger tip the skin is paler; proximally it is redder from vessels too deep to
    be told apart.
    """
    texture = _texture(scene, config, rng)
    depth = _behind_row(scene, config.size) * config.um_per_px / 1000
    pale = 1 / (1 + np.exp((depth + 0.10) / 0.12)) + 0.8 / (1 + np.exp((depth + 0.38) / 0.06))
    red = np.clip(depth, 0, 0.9)
    light = 1 + texture + pale * rng.uniform(0.03, 0.10)
    shift = (
        (0.00, -0.02),
        (0.035 * rng.uniform(0.5, 1.5), -0.085),
        (0.045 * rng.uniform(0.5, 1.5), -0.060),
    )
    return [
        np.asarray(patient.skin[c] * light * (1 + up * pale + down * red), np.float32)
        for c, (up, down) in enumerate(shift)
    ]


def _behind_row(scene: Scene, size: tuple[int, int]) -> Plane:
    """(H, W) how far behind the distal row each pixel lies, in px."""
    rows, columns = np.mgrid[: size[0], : size[1]].astype(np.float32)
    x, y = columns - scene.row.middle[0], rows - scene.row.middle[1]
    cosine, sine = np.cos(scene.row.tilt), np.sin(scene.row.tilt)
    along, down = x * cosine + y * sine, y * cosine - x * sine
    return np.asarray(down - scene.row.curvature * along**2, np.float32)


def _texture(scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator) -> Plane:
    """(H, W) unevenness around 0: grain, patches, and paler papillae around the loops."""
    total = np.zeros(config.size, np.float32)
    for scale, strength in _TEXTURE:
        px = scale / config.um_per_px
        total += strength * cloud(config.size, (px, 1.3 * px), rng)
    return total + 0.05 * _papillae(scene, config)


def _papillae(scene: Scene, config: NailfoldPhantomConfig) -> Plane:
    """(H, W) 0 to 1: the pale bed in which each loop lies."""
    coarse = _coarse(config)
    for placed in scene.loops:
        loop = placed.loop
        line = np.concatenate([loop.left.points[::-4], loop.right.points[::4]]) / _COARSE
        cv2.polylines(
            coarse, [np.round(line).astype(np.int32)], False, 1.0, int(44 / config.um_per_px / 4)
        )
    soft = cv2.GaussianBlur(coarse, (0, 0), 16 / config.um_per_px / _COARSE)
    return _enlarged(np.asarray(soft, np.float32), config)


def plexus_um(
    patient: Patient, scene: Scene, config: NailfoldPhantomConfig, rng: np.random.Generator
) -> Plane:
    """(H, W) blood in the subpapillary venous plexus: wide, level vessels, deep and blurred."""
    coarse = _coarse(config)
    px = 1 / config.um_per_px / _COARSE
    for _ in range(rng.poisson(7 * patient.disease.plexus)):
        behind = rng.uniform(280, 1000) * px
        along = np.linspace(-1, 1, 40) * scene.row.half_px / _COARSE
        wander = cloud((1, 40), (1, 7), rng)[0] * rng.uniform(15, 55) * px
        slope = rng.normal(0, 0.12) * along
        down = behind + wander + slope
        line = [
            scene.row.at(a * _COARSE, d * _COARSE) / _COARSE
            for a, d in zip(along, down, strict=True)
        ]
        first = int(rng.integers(0, 24))
        part = np.array(line)[first : first + int(rng.integers(12, 40))]
        thick = max(round(rng.uniform(24, 60) * px), 1)
        strength = rng.uniform(2.0, 6.5)
        layer = np.zeros_like(coarse)
        points = np.round(part * 8).astype(np.int32)
        cv2.polylines(layer, [points], False, strength, thick, cv2.LINE_AA, 3)
        coarse += cv2.GaussianBlur(layer, (0, 0), rng.uniform(13, 26) * px)
    return _enlarged(coarse, config)


def _coarse(config: NailfoldPhantomConfig) -> Plane:
    return np.zeros(tuple(side // _COARSE + 1 for side in config.size), np.float32)


def _enlarged(coarse: Plane, config: NailfoldPhantomConfig) -> Plane:
    full = cv2.resize(coarse, None, fx=_COARSE, fy=_COARSE, interpolation=cv2.INTER_LINEAR)
    return np.asarray(full[: config.size[0], : config.size[1]], np.float32)
