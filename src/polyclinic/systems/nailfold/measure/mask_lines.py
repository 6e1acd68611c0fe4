"""Every line that can be drawn in the mask of one loop, its diameters among them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import median

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.length import Trace
from polyclinic.sample import Instance, Mask
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.measure.apex import Apex
from polyclinic.systems.nailfold.measure.centreline import Centreline, centreline
from polyclinic.systems.nailfold.measure.limbs import Limbs, Point, split_limbs
from polyclinic.systems.nailfold.measure.loop_diameters import (
    APICAL,
    LEFT,
    RIGHT,
    LoopDiameters,
    landmark_points,
)
from polyclinic.systems.nailfold.measure.loop_shape import limb_traces

REACH = 2.0  # px; a width is the median over this far along the vessel, or its half width
SPARE = 0.5  # px; by so much a vessel is seldom wider than it roughly seems
MIDDLE = slice(0.25, 0.75)  # part of a limb that is measured where no landmarks choose a place

Rows = NDArray[np.intp]


@dataclass(frozen=True, eq=False, kw_only=True)
class Places:
    """Where landmarks say to measure: (x, y) in the middle of the vessel, None where they don't."""

    apex: Point | None = None
    left: Point | None = None
    right: Point | None = None

    @classmethod
    def of(cls, instance: Instance, schema: LandmarkSchema | None) -> Places:
        """The middles between the wall landmarks of an instance."""
        if schema is None:
            return cls()
        walls = [landmark_points(instance, schema, pair) for pair in (APICAL, LEFT, RIGHT)]
        apex, left, right = (None if isinstance(w, str) else w.mean(0) for w in walls)
        return cls(apex=apex, left=left, right=right)


def mask_diameters(line: Centreline, limbs: Limbs | str, places: Places) -> LoopDiameters:
    """Measure the mask where the landmarks lie, or at its tip and the middle of its limbs.

    The landmarks say *where* to measure, never *how much*: each diameter is twice the median
    distance from the middle line to the edge over a short section. It is drawn at right angles
    to the vessel in the frame of the pixels. Limbs that cross, branch or run into each
    other can be measured only where landmarks lie.

    Args:
        line: the middle line of the mask.
        limbs: its parts, or why it has none.
        places: where to measure.
    """
    everywhere = np.arange(len(line.points))
    if isinstance(limbs, str):
        apical, left, right = (
            Trace(reason=limbs) if place is None else _at(line, everywhere, place)
            for place in (places.apex, places.left, places.right)
        )
        return LoopDiameters(apical=apical, left=left, right=right)
    left, right = (
        _along(line, limb) if place is None else _at(line, limb, place)
        for limb, place in ((limbs.left, places.left), (limbs.right, places.right))
    )
    apex = line.points[limbs.apex] if places.apex is None else places.apex
    return LoopDiameters(apical=_at(line, everywhere, apex), left=left, right=right)


def _at(line: Centreline, rows: Rows, place: Point) -> Trace:
    """Measure around the row nearest to a place."""
    away = np.hypot(*(line.points[rows] - place).T)
    nearest = int(away.argmin())
    centre = line.points[rows[nearest]]
    around = np.hypot(*(line.points[rows] - centre).T)
    # Half the width sets how far it is looked at along the vessel: the guess spares a second look.
    guessed = max(REACH, float(line.widths.roughly(centre[None])[0]) + SPARE)
    radii = line.half_widths(rows[around <= guessed])
    half_width = float(radii[np.count_nonzero(around[:nearest] <= guessed)])
    if away[nearest] > half_width + 1:
        return Trace(reason="landmark-off-mask")
    reach = max(REACH, half_width)
    if reach <= guessed:
        radii = radii[around[around <= guessed] <= reach]
    else:
        radii = line.half_widths(rows[around <= reach])
    return _across(line, rows, centre, radii)


def _along(line: Centreline, limb: Rows) -> Trace:
    """Measure over the middle part of a limb."""
    count = len(limb)
    middle = limb[int(MIDDLE.start * count) : int(MIDDLE.stop * count) + 1]
    return _across(line, middle, line.points[middle[len(middle) // 2]], line.half_widths(middle))


def _across(line: Centreline, rows: Rows, centre: Point, radii: Point) -> Trace:
    """A line through one point, as long as the median width, at right angles to the vessel."""
    radius = median(radii.tolist())
    if radius <= 0:
        return Trace(reason="mask-too-thin")
    points = line.points[rows]
    normal = _normal(points[np.hypot(*(points - centre).T) <= 1.5 * REACH])
    return Trace(points=np.stack([centre - radius * normal, centre + radius * normal]))


def _normal(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Unit vector along which (N, 2) points spread least."""
    x, y = (points - points.mean(0)).T
    angle = math.atan2(2 * float(x @ y), float(x @ x - y @ y)) / 2
    return np.array([-math.sin(angle), math.cos(angle)])


@dataclass(frozen=True, eq=False, kw_only=True)
class MaskLines:
    """Diameters and limbs of a loop as its mask shows them.

    Args:
        diameters: across the apex and the limbs.
        left, right: the middle line of each limb, apex to proximal end.
        apex: the distal tip; None when the limbs can't be told apart.
    """

    diameters: LoopDiameters
    left: Trace
    right: Trace
    apex: Apex | None


def mask_lines(mask: Mask, places: Places) -> MaskLines:
    """Thin a mask and draw its lines; each that can't be drawn says why."""
    line = centreline(mask)
    if isinstance(line, str):
        none = Trace(reason=line)
        diameters = LoopDiameters(apical=none, left=none, right=none)
        return MaskLines(diameters=diameters, left=none, right=none, apex=None)
    limbs = split_limbs(line, apex=places.apex, left=places.left)
    diameters = mask_diameters(line, limbs, places)
    if isinstance(limbs, str):
        none = Trace(reason=limbs)
        return MaskLines(diameters=diameters, left=none, right=none, apex=None)
    left, right = limb_traces(line, limbs)
    ends = line.points[[limbs.left[-1], limbs.right[-1]]]
    point = line.points[limbs.apex]
    apex = Apex(point=point, axis=point - ends.mean(0))
    return MaskLines(diameters=diameters, left=left, right=right, apex=apex)
