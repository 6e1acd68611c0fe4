"""Soft tissue of a leg: muscle in a layer of fat."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from polyclinic.systems.knee.phantoms.layout import Layout, Placed
from polyclinic.systems.knee.phantoms.patient import Patient

Plane = NDArray[np.float32]

# Half of the width of a leg by height over (-) and below (+) the joint, lateral and medial, in mm.
_HEIGHTS = (-400.0, -180.0, -110.0, -55.0, -10.0, 25.0, 60.0, 100.0, 150.0, 400.0)
_LATERAL = (100.0, 84.0, 72.0, 61.0, 57.0, 57.0, 60.0, 63.0, 60.0, 45.0)
_MEDIAL = (94.0, 80.0, 70.0, 62.0, 57.0, 53.0, 55.0, 59.0, 53.0, 38.0)
_FAT_PER_MM = 0.0105
_MUSCLE_PER_MM = 0.0065
_UNEVEN_MM = 1.6
_COARSE = 2  # soft tissue is smooth: painted at half of the resolution


def soft_tissue(patient: Patient, layout: Layout, rng: np.random.Generator) -> Plane:
    """(H, W) attenuation of the legs without bones."""
    height, width = layout.size
    rows = np.arange(0, height + _COARSE, _COARSE, dtype=np.float32)
    columns = np.arange(0, width + _COARSE, _COARSE, dtype=np.float32)
    film = np.zeros((len(rows), len(columns)), np.float32)
    for leg in layout.legs:
        np.maximum(film, _leg(leg, patient, layout, rows, columns, rng), out=film)
    frame: NDArray[np.float64] = np.diag([1 / _COARSE, 1 / _COARSE, 1])[:2]
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpAffine(film, frame, (width, height), flags=flags), np.float32)


def _leg(
    leg: Placed,
    patient: Patient,
    layout: Layout,
    rows: Plane,
    columns: Plane,
    rng: np.random.Generator,
) -> Plane:
    down = (rows - leg.centre[1]) * layout.spacing_mm
    axis = leg.centre[0] * layout.spacing_mm - math.tan(math.radians(leg.degrees)) * down
    lateral, medial = (
        patient.girth * PchipInterpolator(_HEIGHTS, widths)(down) + _uneven(down, rng)
        for widths in (_LATERAL, _MEDIAL)
    )
    left, right = (lateral, medial) if leg.side == "R" else (medial, lateral)
    middle, half = axis + (right - left) / 2, (left + right) / 2
    across = columns * np.float32(layout.spacing_mm) - middle[:, None].astype(np.float32)
    skin = _chord(across, half)
    muscle = _chord(across, np.maximum(half - patient.fat_mm, 5))
    return np.asarray(_FAT_PER_MM * skin + _MUSCLE_PER_MM * muscle, np.float32)


def _uneven(down: Plane, rng: np.random.Generator) -> NDArray[np.float64]:
    phase, length = rng.uniform(0, 2 * np.pi), rng.uniform(80, 200)
    return np.asarray(rng.uniform(0, _UNEVEN_MM) * np.sin(phase + 2 * np.pi * down / length))


def _chord(across: Plane, half: NDArray[np.float64]) -> Plane:
    """Path through a round leg; a little flatter than a circle, as legs are."""
    half = half[:, None].astype(np.float32)
    share = np.maximum(1 - np.square(across / half), 0)
    return np.asarray(2 * half * np.sqrt(share) * np.float32(0.92), np.float32)
