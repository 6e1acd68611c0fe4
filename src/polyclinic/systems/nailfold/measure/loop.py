"""One loop with every line that can be drawn in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from polyclinic.measure.length import Trace
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold.measure.apex import Apex, box_apex, landmark_apex
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.loop_diameters import LoopDiameters, landmark_diameters
from polyclinic.systems.nailfold.measure.loop_shape import landmark_limb_traces
from polyclinic.systems.nailfold.measure.mask_lines import MaskLines, Places, mask_lines


@dataclass(frozen=True, eq=False, kw_only=True)
class Loop:
    """Lines of one loop; None where the reader gives no landmarks, or no mask.

    Args:
        row: its row in `Reading.instances`.
        apex: its distal tip.
        height: px from the proximal ends to the apex, else the longer side of its box.
        diameters: from landmarks.
        landmark_limbs: left and right limb through landmarks.
        mask: from the mask.
        refused: whether the reader was too unsure of it for its size to count.
    """

    row: int
    apex: Apex
    height: float
    diameters: LoopDiameters | None
    landmark_limbs: tuple[Trace, Trace] | None
    mask: MaskLines | None
    refused: bool = False

    def largest_um(self, spacing: Spacing) -> float | None:
        """Largest of the apical and limb diameters in µm, landmarks before mask; None if none.

        Raises:
            DataError: the scale is unknown.
        """
        for lines in (self.diameters, None if self.mask is None else self.mask.diameters):
            traces = () if lines is None else (lines.apical, lines.left, lines.right)
            drawn = [trace.points.tolist() for trace in traces if trace.points is not None]
            if drawn:
                return max(spacing.length_um(start, end) for start, end in drawn)
        return None


def draw_loop(
    row: int, instance: Instance, schema: LandmarkSchema | None, limits: CapillaryLimits
) -> Loop:
    """Draw all lines of one instance. What can't be drawn says why; nothing raises."""
    diameters = landmark_limbs = apex = mask = None
    if schema is not None:
        certain = limits.min_landmark_confidence
        diameters = landmark_diameters(instance, schema, min_confidence=certain)
        landmark_limbs = landmark_limb_traces(instance, schema, min_confidence=certain)
        apex = landmark_apex(instance, schema, min_confidence=certain)
    if instance.mask is not None:
        mask = mask_lines(instance.mask, Places.of(instance, schema))
        apex = apex or mask.apex
    apex = apex or box_apex(instance)
    x1, y1, x2, y2 = instance.box.tolist()
    return Loop(
        row=row,
        apex=apex,
        height=max(x2 - x1, y2 - y1) if apex.axis is None else float(np.linalg.norm(apex.axis)),
        diameters=diameters,
        landmark_limbs=landmark_limbs,
        mask=mask,
        refused=instance.refused,
    )
