"""Knee replacement: metal on both bones, plastic that rays hardly see between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.outline import through
from polyclinic.systems.knee.phantoms.shape import Shape

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
