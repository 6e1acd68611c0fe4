"""Length and tortuosity of a loop."""

from __future__ import annotations

import math
from statistics import median

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.length import Trace, length
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.measure.centreline import Centreline
from polyclinic.systems.nailfold.measure.limbs import Limbs
from polyclinic.systems.nailfold.measure.loop_diameters import APICAL, LEFT, RIGHT, landmark_points

Points = NDArray[np.float64]

ENDS = ("left_bottom", "right_bottom")


def limb_traces(line: Centreline, limbs: Limbs) -> tuple[Trace, Trace]:
    """The middle line of each limb, left and right, from the apex to its proximal end.

    The line ends where the vessel does, beyond the end of its skeleton.
    """
    left, right = (
        Trace(points=np.vstack([line.points[rows], line.ends[0 if rows[-1] == 0 else 1]]))
        for rows in (limbs.left, limbs.right)
    )
    return left, right


def landmark_limb_traces(
    instance: Instance, schema: LandmarkSchema, *, min_confidence: float = 0.0
) -> tuple[Trace, Trace]:
    """Three points a limb: middle of the apex, middle between the limb's walls, proximal end.

    The straight pieces cut corners, so this is shorter than the middle line of the mask.
    """
    left, right = (
        _polyline(instance, schema, (*APICAL, *walls, end), min_confidence)
        for walls, end in zip((LEFT, RIGHT), ENDS, strict=True)
    )
    return left, right


def loop_length(left: Trace, right: Trace, spacing: Spacing) -> float | str:
    """Mean of the lengths of the two limbs, apex to proximal end, or the reason why not.

    In µm where the scale is known, else px.
    """
    if left.points is None or right.points is None:
        return left.reason or right.reason or ""
    return (length(left.points, spacing) + length(right.points, spacing)) / 2


def tortuosity(left: Trace, right: Trace, spacing: Spacing) -> float | str:
    """Mean over both limbs of arc length over chord, without unit; 1 is straight.

    The apical bend is left out, so that a hairpin with straight limbs gives 1. For limbs that
    lie D apart (median of points equally far from the apex), it is a half circle of diameter D
    and takes pi D / 4 of each limb.

    Source: distance metric of Bullitt et al., IEEE Trans Med Imaging 22:1163, 2003; its use
    limb by limb is this package's choice.

    Returns:
        The ratio, or the reason why there is none.
    """
    if left.points is None or right.points is None:
        return left.reason or right.reason or ""
    arcs = _arc(left.points), _arc(right.points)
    skipped = _bend((left.points, right.points), arcs)
    ratios = []
    for points, arc in zip((left.points, right.points), arcs, strict=True):
        straight = points[arc >= skipped]
        if len(straight) < 3:
            return "limb-too-short"
        ratios.append(length(straight, spacing) / length(straight[[0, -1]], spacing))
    return (ratios[0] + ratios[1]) / 2


def _bend(limbs: tuple[Points, Points], arcs: tuple[Points, Points]) -> float:
    """Part of each limb, in px from the apex, that belongs to the apical bend."""
    steps = np.linspace(0, min(arcs[0][-1], arcs[1][-1]), 50)
    left, right = limbs
    dx, dy = (
        np.interp(steps, arcs[0], left[:, side]) - np.interp(steps, arcs[1], right[:, side])
        for side in (0, 1)
    )
    return math.pi / 4 * median(np.hypot(dx, dy).tolist())


def _arc(points: Points) -> Points:
    """(N,) px along the line from its first point."""
    dx, dy = (points[1:] - points[:-1]).T
    arc = np.zeros(len(points))
    np.hypot(dx, dy).cumsum(out=arc[1:])
    return arc


def _polyline(
    instance: Instance, schema: LandmarkSchema, names: tuple[str, ...], min_confidence: float
) -> Trace:
    points = landmark_points(instance, schema, names, min_confidence)
    if isinstance(points, str):
        return Trace(reason=points)
    return Trace(points=np.stack([points[0:2].mean(0), points[2:4].mean(0), points[4]]))
