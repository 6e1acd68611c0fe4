"""Outlines of the bones, drawn through the landmarks by smooth splines, in mm of the knee."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from polyclinic.systems.knee.phantoms.shape import MEAN_FEMUR, MEAN_TIBIA, Shape, in_mm

Points = NDArray[np.float64]

_STEP_MM = 0.4

# Sides of the bones away from the joint, in pixels of the mean shape, with the share by which
# they follow their outermost landmark.
_FEMUR_LATERAL = np.array(
    [(101, 218, 1.0), (96, 190, 0.9), (103, 152, 0.7), (133, 106, 0.5), (160, 55, 0.3),
     (173, 0, 0.2), (180, -110, 0.1), (181, -400, 0.1), (181, -700, 0.1)]
)  # fmt: skip
_FEMUR_MEDIAL = np.array(
    [(370, 218, 1.0), (377, 186, 0.9), (366, 140, 0.7), (336, 100, 0.5), (309, 55, 0.3),
     (296, 0, 0.2), (288, -110, 0.1), (286, -400, 0.1), (286, -700, 0.1)]
)  # fmt: skip
_TIBIA_LATERAL = np.array(
    [(99, 278, 1.0), (105, 304, 0.9), (127, 338, 0.6), (153, 384, 0.4), (169, 430, 0.2),
     (178, 490, 0.1), (184, 600, 0.1), (184, 900, 0.1), (184, 1200, 0.1)]
)  # fmt: skip
_TIBIA_MEDIAL = np.array(
    [(363, 276, 1.0), (358, 304, 0.9), (339, 341, 0.6), (314, 386, 0.4), (300, 434, 0.2),
     (291, 490, 0.1), (283, 600, 0.1), (280, 900, 0.1), (280, 1200, 0.1)]
)  # fmt: skip
_FIBULA = np.array(
    [(106, 301), (124, 313), (132, 338), (126, 372), (118, 420), (117, 500), (120, 700),
     (124, 1200), (84, 1200), (82, 700), (79, 500), (79, 420), (75, 376), (69, 346), (74, 320),
     (90, 308)]
)  # fmt: skip
_PATELLA = np.array(
    [(232, 88), (266, 93), (296, 112), (307, 138), (294, 166), (264, 190), (236, 203), (206, 192),
     (176, 168), (160, 140), (168, 112), (198, 94)]
)  # fmt: skip
_LEAN_FROM_MM = -18.0
_WALL = np.array([0.5, 0.27])  # a point of the notch's wall, as shares of its half-width and height


def through(points: Points, *, closed: bool = False) -> Points:
    """(N, 2) a smooth line through points, which are among those returned to within the step.

    A cubic spline over centripetal parameters (Lee, Computer-Aided Design 1989), which keeps
    sharp turns free of loops.
    """
    if closed:
        points = np.concatenate([points, points[:1]])
    lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
    knots = np.concatenate([[0], np.cumsum(np.sqrt(lengths))])
    spline = CubicSpline(knots, points, bc_type="periodic" if closed else "not-a-knot")
    counts = np.maximum(np.ceil(lengths / _STEP_MM).astype(int), 4)
    pieces = [
        np.linspace(start, stop, count, endpoint=False)
        for start, stop, count in zip(knots[:-1], knots[1:], counts, strict=True)
    ]
    return np.asarray(spline(np.concatenate([*pieces, knots[-1:]])), np.float64)


def femur_outline(shape: Shape, valgus: float) -> Points:
    """(N, 2) the femur; `valgus` is the slope of the shaft, up and lateral."""
    lateral = _side(_FEMUR_LATERAL, shape.femur_bare[0] - shape.size * MEAN_FEMUR[0], shape)
    medial = _side(_FEMUR_MEDIAL, shape.femur_bare[-1] - shape.size * MEAN_FEMUR[-1], shape)
    for side in (lateral, medial):
        up = np.minimum(side[:, 1] - _LEAN_FROM_MM, 0)
        side[:, 0] += (valgus - shape.opening) * up
    joint = np.concatenate([shape.femur[:3], *_arch(shape.femur), shape.femur[4:]])
    return through(np.concatenate([lateral[::-1], joint, medial]))


def _arch(femur: Points) -> tuple[Points, Points, Points]:
    """The notch is an arch: steep walls, a broad roof through its landmark."""
    top = femur[3:4]
    walls = [top + (femur[foot : foot + 1] - top) * _WALL for foot in (2, 4)]
    return walls[0], top, walls[1]


def tibia_outline(shape: Shape) -> Points:
    """(N, 2) the tibia."""
    lateral = _side(_TIBIA_LATERAL, shape.tibia_bare[0] - shape.size * MEAN_TIBIA[0], shape)
    medial = _side(_TIBIA_MEDIAL, shape.tibia_bare[-1] - shape.size * MEAN_TIBIA[-1], shape)
    return through(np.concatenate([lateral[::-1], shape.tibia, medial]))


def fibula_outline(shape: Shape, shift_mm: Points) -> Points:
    """(N, 2) the fibula, on the lateral side."""
    return through(shape.size * in_mm(_FIBULA.astype(float)) + shift_mm, closed=True)


def patella_outline(shape: Shape, shift_mm: Points) -> Points:
    """(N, 2) the patella in front of the femur."""
    return through(shape.size * in_mm(_PATELLA.astype(float)) + shift_mm, closed=True)


def _side(anchors: NDArray[np.float64], moved: Points, shape: Shape) -> Points:
    return shape.size * in_mm(anchors[:, :2]) + anchors[:, 2:] * moved
