"""Knee replacement: metal on both bones, plastic that rays hardly see between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.knee.outline import through
from polyclinic.phantoms.knee.shape import Shape

Points = NDArray[np.float64]

METAL = 3.2
_CUT_MM = 9.0
_TRAY_MM = 4.0
_SHELL_MM = 9.0
_STEM_MM = (13.0, 38.0)


def resected(shape: Shape) -> Shape:
    """The bones as the surgeon leaves them: a flat tibia, no osteophytes."""
    tibia = shape.tibia_bare.copy()
    tibia[:, 1] = _CUT_MM + _TRAY_MM
    return replace(shape, tibia=tibia, femur=shape.femur_bare)


def components(shape: Shape) -> list[Points]:
    """Outlines of the femoral component, the tray and its stem, in mm of the knee."""
    femur, tibia = shape.femur_bare, shape.tibia_bare
    lower = femur + np.array([[-1.5, 0], [0, 1], [0, 1], [0, -1], [0, 1], [0, 1], [1.5, 0]])
    inner = femur[[6, 5, 1, 0]] - np.array([[4, 9], [0, _SHELL_MM], [0, _SHELL_MM], [-4, 9]])
    shell = np.concatenate([through(lower), inner])
    left, right = tibia[0, 0], tibia[8, 0]
    tray = np.array([(left, _CUT_MM), (right, _CUT_MM)])
    tray = np.concatenate([tray, tray[::-1] + np.array([0, _TRAY_MM])])
    middle, (width, length) = (left + right) / 2, _STEM_MM
    top = _CUT_MM + _TRAY_MM - 0.5
    stem = np.array(
        [
            (middle - 2 * width, top),
            (middle + 2 * width, top),
            (middle + width / 2, top + length / 3),
            (middle + width / 2.4, top + length),
            (middle - width / 2.4, top + length),
            (middle - width / 2, top + length / 3),
        ]
    )
    return [shell, tray, stem]
