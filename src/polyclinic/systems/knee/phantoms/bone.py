"""Bones and their replacement as rays see them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.texture import cloud
from polyclinic.systems.knee.phantoms.outline import through
from polyclinic.systems.knee.phantoms.paint import Patch
from polyclinic.systems.knee.phantoms.shape import Shape

Plane = NDArray[np.float32]
Floats = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Tissue:
    """What a kind of bone is like near the joint and in its shaft, each a pair.

    Args:
        inside: attenuation of the middle.
        dome_mm: depth at which the bone has its full thickness.
        cortex: added attenuation of the rim.
        cortex_mm: its thickness.
        shaft_from_mm: distances from the joint between which the one becomes the other.
    """

    inside: tuple[float, float]
    dome_mm: tuple[float, float]
    cortex: tuple[float, float]
    cortex_mm: tuple[float, float]
    shaft_from_mm: tuple[float, float]


FEMUR = Tissue(
    inside=(0.72, 0.34),
    dome_mm=(15.0, 11.0),
    cortex=(0.16, 0.62),
    cortex_mm=(0.9, 4.6),
    shaft_from_mm=(32.0, 92.0),
)
TIBIA = Tissue(
    inside=(0.66, 0.34),
    dome_mm=(12.0, 10.0),
    cortex=(0.18, 0.60),
    cortex_mm=(0.9, 4.2),
    shaft_from_mm=(26.0, 85.0),
)
FIBULA = Tissue(
    inside=(0.26, 0.16),
    dome_mm=(7.0, 5.0),
    cortex=(0.12, 0.42),
    cortex_mm=(0.7, 2.4),
    shaft_from_mm=(30.0, 60.0),
)
PATELLA = Tissue(
    inside=(0.15, 0.15),
    dome_mm=(9.0, 9.0),
    cortex=(0.06, 0.06),
    cortex_mm=(0.9, 0.9),
    shaft_from_mm=(1000.0, 1001.0),
)


@dataclass(frozen=True, eq=False, kw_only=True)
class Plate:
    """The dense bone below a joint surface.

    Args:
        rows: (2,) first and last row of the film in which the joint surface lies.
        dense: attenuation of the plate itself.
        sclerosis: attenuation of the band below a worn surface.
        column: middle of the worn surface.
        half_width_mm: of the worn surface.
    """

    rows: tuple[float, float]
    dense: float
    sclerosis: float
    column: float
    half_width_mm: float


def bone(
    patch: Patch,
    tissue: Tissue,
    *,
    joint_row: float,
    spacing_mm: float,
    density: float,
    plate: Plate | None,
    rng: np.random.Generator,
) -> Plane:
    """(h, w) attenuation of a painted bone.

    Args:
        patch: the painted outline.
        tissue: kind of bone.
        joint_row: row of the film that goes through the joint.
        spacing_mm: pixel size.
        density: factor on everything.
        plate: joint surface, if it has one.
        rng: source of chance for its texture.
    """
    depth = patch.depth_px * np.float32(spacing_mm)
    away = np.abs(patch.rows - joint_row) * spacing_mm
    shaft = np.interp(away, tissue.shaft_from_mm, (0, 1)).astype(np.float32)
    shaft = shaft * shaft * (3 - 2 * shaft)

    def along(pair: tuple[float, float]) -> Plane:
        return np.asarray(pair[0] + (pair[1] - pair[0]) * shaft, np.float32)

    hollow = np.minimum(depth / along(tissue.dome_mm), 1) - 1
    inside = along(tissue.inside) * np.sqrt(np.maximum(1 - hollow * hollow, 0))
    inside *= 1 + _trabeculae(patch, spacing_mm, rng) * (1 - 0.6 * shaft)
    rim = along(tissue.cortex) * np.exp(-np.square(depth / along(tissue.cortex_mm)))
    film = inside + rim
    if plate is not None:
        film += _plate(plate, patch, depth, spacing_mm)
    return np.asarray(film * patch.coverage * np.float32(density), np.float32)


def _trabeculae(patch: Patch, spacing_mm: float, rng: np.random.Generator) -> Plane:
    """Struts along the load, and unevenness of several sizes; about 0."""
    size = patch.coverage.shape
    struts = cloud(size, (2.6 / spacing_mm, 0.55 / spacing_mm), rng)
    cells = cloud(size, (0.9 / spacing_mm, 0.8 / spacing_mm), rng)
    patches = cloud(size, (11 / spacing_mm, 8 / spacing_mm), rng)
    return np.asarray(0.075 * struts + 0.06 * cells + 0.075 * patches, np.float32)


def _plate(plate: Plate, patch: Patch, depth: Plane, spacing_mm: float) -> Plane:
    first, last = plate.rows
    outside = np.maximum(np.maximum(first - patch.rows, patch.rows - last), 0) * spacing_mm
    near = np.exp(-np.square(outside / 5)).astype(np.float32)
    across = (patch.columns - plate.column) * spacing_mm / plate.half_width_mm
    worn = np.exp(-np.square(across)).astype(np.float32)
    dense = plate.dense * (1 + 0.5 * worn) * np.exp(-np.square(depth / 1.3))
    band = plate.sclerosis * worn * np.exp(-np.square(depth / 5.5))
    return np.asarray(near * (dense + band), np.float32)


Points = NDArray[np.float64]

METAL = 3.2
_PLASTIC_MM = 7.0
_TRAY_MM = 4.0
_STEM_MM = (13.0, 38.0)
_SIDE_MM, _ROOF_MM = 17.0, 6.0


def resected(shape: Shape) -> Shape:
    """The bones as the surgeon leaves them: a flat tibia, no osteophytes."""
    tibia = shape.tibia_bare.copy()
    tibia[:, 1] = _tray_top(shape) + _TRAY_MM
    return replace(shape, tibia=tibia, femur=shape.femur_bare)


def components(shape: Shape) -> list[Points]:
    """Outlines of the femoral component, the tray and its stem, in mm of the knee."""
    return [_shell(shape.femur_bare), *_tray(shape)]


def _tray_top(shape: Shape) -> float:
    return float(shape.femur_bare[:, 1].max() + _PLASTIC_MM)


def _shell(femur: Points) -> Points:
    """Both condyles in metal, joined above the notch."""
    lower = femur + np.array([[-1.5, 0], [0, 1], [0, 1], [0, 0], [0, 1], [0, 1], [1.5, 0]])
    roof = femur[3, 1] - _ROOF_MM
    upper = np.stack([femur[6], femur[5], femur[1], femur[0]])
    upper[:, 1] = upper[0, 1] - _SIDE_MM, roof, roof, upper[3, 1] - _SIDE_MM
    upper[:, 0] += (0, 4, -4, 0)
    return np.concatenate([through(lower), upper])


def _tray(shape: Shape) -> tuple[Points, Points]:
    left, right = shape.tibia_bare[0, 0], shape.tibia_bare[8, 0]
    top = _tray_top(shape)
    upper = np.array([(left, top), (right, top)])
    tray = np.concatenate([upper, upper[::-1] + np.array([0, _TRAY_MM])])
    width, length = _STEM_MM
    half = np.array([(2 * width, -0.5), (width / 2, length / 3), (width / 2.4, length)])
    stem = np.concatenate([half, (half * np.array([-1, 1]))[::-1]])
    return tray, stem + np.array([(left + right) / 2, top + _TRAY_MM])
