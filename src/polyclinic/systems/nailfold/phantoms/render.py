"""A scene to light: skin, blood in it, and what lies on top."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.phantoms.light import bubbles, glare, hair, illumination
from polyclinic.systems.nailfold.phantoms.paint import Patch, transmission
from polyclinic.systems.nailfold.phantoms.patient import NailfoldPhantomConfig, Patient
from polyclinic.systems.nailfold.phantoms.skin import deep_blood_um, skin_tone
from polyclinic.systems.nailfold.phantoms.truth import Scene

Plane = NDArray[np.float32]


def render(
    patient: Patient,
    scene: Scene,
    patches: list[Patch],
    config: NailfoldPhantomConfig,
    rng: np.random.Generator,
) -> list[Plane]:
    """Light that leaves the skin in red, green and blue, each (H, W), about 0 to 1.

    Args:
        patient: skin and contrast.
        scene: what is where.
        patches: the painted loops of the scene.
        config: frame and scale.
        rng: source of chance.
    """
    blood = deep_blood_um(patient, scene, config, rng)
    for patch in patches:
        _add(blood, patch.left, patch.top, patch.blood_px * np.float32(config.um_per_px))
    pigment = np.zeros(config.size, np.float32)
    for stain in scene.stains:
        _add(pigment, stain.left, stain.top, stain.pigment * np.float32(patient.contrast))
    light = illumination(config, rng)
    added = np.zeros(config.size, np.float32)
    if rng.random() < config.artefacts:
        added += glare(config, rng)
    if rng.random() < config.artefacts:
        light *= hair(config, rng)
    if rng.random() < config.artefacts:
        passed, mirrored = bubbles(config, rng)
        light *= passed
        added += mirrored
    skin = skin_tone(patient, scene, config, rng)
    return [
        plane * light * transmission(blood, pigment, channel) + added
        for channel, plane in enumerate(skin)
    ]


def _add(canvas: Plane, left: int, top: int, patch: Plane) -> None:
    """Add a patch where it lies inside the canvas."""
    height, width = canvas.shape
    y1, x1 = max(top, 0), max(left, 0)
    y2, x2 = min(top + patch.shape[0], height), min(left + patch.shape[1], width)
    if y1 < y2 and x1 < x2:
        canvas[y1:y2, x1:x2] += patch[y1 - top : y2 - top, x1 - left : x2 - left]
