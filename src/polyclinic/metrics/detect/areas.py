"""How large an annotated instance counts as."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import Objects
from polyclinic.metrics.figure import Values

BOX_FILL = 0.53
"""Mean share of a box that its object fills, for where no mask says it.

As faster-coco-eval has it for CrowdPose.
"""

AREAS = {
    "all": (0.0, 1e10),
    "small": (0.0, 32.0**2),
    "medium": (32.0**2, 96.0**2),
    "large": (96.0**2, 1e10),
}
"""COCO's ranges in square pixels, both ends included."""


def annotated_area(true: Objects) -> Values:
    """(G,) pixels of the mask, or 0.53 of the box where there is none."""
    return np.where(np.isnan(true.mask_area), BOX_FILL * true.box_area, true.mask_area)


def outside(area: Values) -> NDArray[np.bool_]:
    """(A, M) whether each area lies outside each range."""
    low, high = np.array(list(AREAS.values())).T[..., None]
    beyond: NDArray[np.bool_] = (area < low) | (area > high)
    return beyond
