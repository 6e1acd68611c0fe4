"""Where the apex of a loop is and which way it points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.measure.loop_diameters import APICAL, landmark_points
from polyclinic.systems.nailfold.measure.loop_shape import ENDS


@dataclass(frozen=True, eq=False, kw_only=True)
class Apex:
    """The distal tip of a loop.

    Args:
        point: (2,) x, y in the middle of the vessel at the apex.
        axis: (2,) from the middle of the proximal ends to the apex, px; None when the ends are
            not known.
    """

    point: NDArray[np.float64]
    axis: NDArray[np.float64] | None = None


def landmark_apex(
    instance: Instance, schema: LandmarkSchema, *, min_confidence: float = 0.0
) -> Apex | None:
    """The apex between its wall landmarks; None where they can't be used."""
    walls = landmark_points(instance, schema, APICAL, min_confidence)
    if isinstance(walls, str):
        return None
    point, ends = walls.mean(0), landmark_points(instance, schema, ENDS, min_confidence)
    return Apex(point=point, axis=None if isinstance(ends, str) else point - ends.mean(0))


def box_apex(instance: Instance) -> Apex:
    """The middle of the box's upper edge: all that a reader of boxes can say."""
    x1, y1, x2, _ = instance.box
    return Apex(point=np.array([(x1 + x2) / 2, y1]))
