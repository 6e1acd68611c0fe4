"""The two limbs of a loop: its middle line, parted at the apex."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.nailfold.measure.centreline import Centreline

Point = NDArray[np.float64]


@dataclass(frozen=True, eq=False, kw_only=True)
class Limbs:
    """Rows of a `Centreline` from the apex to each proximal end, left and right as seen."""

    left: NDArray[np.intp]
    right: NDArray[np.intp]

    @property
    def apex(self) -> int:
        """Row of the apex, where both limbs begin."""
        return int(self.left[0])


def split_limbs(
    line: Centreline, *, apex: Point | None = None, left: Point | None = None
) -> Limbs | str:
    """Part the middle line at the point nearest to `apex`, or at its tip, or say why not.

    Args:
        line: the middle line of the mask.
        apex: (x, y) at the apex, where landmarks tell.
        left: (x, y) on the left limb; None takes the limb that lies more to the left.
    """
    if line.tangle:
        return line.tangle
    if not line.is_hairpin:
        return "limbs-not-separate"
    row = line.tip if apex is None else line.nearest(apex)
    count = len(line.points)
    if not 2 <= row <= count - 3:
        return "apex-at-end-of-mask"
    first, second = np.arange(row, -1, -1), np.arange(row, count)
    if left is None:
        swapped = line.points[first, 0].mean() > line.points[second, 0].mean()
    else:
        swapped = _distance(line, first, left) > _distance(line, second, left)
    return Limbs(left=second, right=first) if swapped else Limbs(left=first, right=second)


def _distance(line: Centreline, rows: NDArray[np.intp], point: Point) -> float:
    return float(np.linalg.norm(line.points[rows] - point, axis=1).min())
