"""How much two instances share."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Instance


def box_iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two (4,) boxes x1, y1, x2, y2; 0 when both are empty."""
    shared = _shared(first, second)
    union = _area(first) + _area(second) - shared
    return shared / union if union > 0 else 0.0


def instance_iou(first: Instance, second: Instance) -> float:
    """IoU of the masks, or of the boxes where either has no mask."""
    if first.mask is not None and second.mask is not None:
        return first.mask.iou(second.mask)
    return box_iou(first.box, second.box)


def _area(box: NDArray[np.float64]) -> float:
    return float(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0))


def _shared(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return float(max(width, 0.0) * max(height, 0.0))
