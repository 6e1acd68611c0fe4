"""Every line that can be drawn in the mask of one loop."""

from __future__ import annotations

from dataclasses import dataclass

from polyclinic.measure.length import Trace
from polyclinic.sample import Mask
from polyclinic.systems.nailfold.measure.apex import Apex
from polyclinic.systems.nailfold.measure.centreline import centreline
from polyclinic.systems.nailfold.measure.limbs import split_limbs
from polyclinic.systems.nailfold.measure.loop_diameters import LoopDiameters
from polyclinic.systems.nailfold.measure.loop_shape import limb_traces
from polyclinic.systems.nailfold.measure.mask_calipers import Places, mask_diameters


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
