"""Apical and limb diameters of a loop from its mask alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.centreline import Centreline
from polyclinic.measure.length import Trace
from polyclinic.measure.limbs import Limbs, Point
from polyclinic.measure.loop_diameters import APICAL, LEFT, RIGHT, LoopDiameters, landmark_points
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema

REACH = 2.0  # px; a width is the median over this far along the vessel, or its half width
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
    distances = np.linalg.norm(line.points[rows] - place, axis=1)
    centre = int(rows[distances.argmin()])
    if distances.min() > line.half_widths[centre] + 1:
        return Trace(reason="landmark-off-mask")
    return _across(line, rows, centre, max(REACH, float(line.half_widths[centre])))


def _along(line: Centreline, limb: Rows) -> Trace:
    """Measure over the middle part of a limb."""
    count = len(limb)
    middle = limb[int(MIDDLE.start * count) : int(MIDDLE.stop * count) + 1]
    return _across(line, middle, int(middle[len(middle) // 2]), np.inf)


def _across(line: Centreline, rows: Rows, centre: int, reach: float) -> Trace:
    """A line through one row, as long as the median width of the rows within reach of it."""
    distances = np.linalg.norm(line.points[rows] - line.points[centre], axis=1)
    radius = float(np.median(line.half_widths[rows[distances <= reach]]))
    if radius <= 0:
        return Trace(reason="mask-too-thin")
    around = line.points[rows[distances <= 1.5 * REACH]]
    spread = np.cov((around - around.mean(0)).T)
    normal = np.linalg.eigh(spread)[1][:, 0]
    middle = line.points[centre]
    return Trace(points=np.stack([middle - radius * normal, middle + radius * normal]))
