"""Lengths of lines drawn in an image."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.errors import DataError
from polyclinic.sample import Spacing

LengthUnit = Literal["um", "px"]

UNKNOWN_SCALE = "unknown-scale"
"""Flag of what had to stay in pixels."""


@dataclass(frozen=True, eq=False, kw_only=True)
class Trace:
    """A line in the image, or the reason why it could not be drawn.

    Args:
        points: (N, 2) x, y in pixels, N >= 2.
        reason: a short flag such as `landmark-missing`.
    """

    points: NDArray[np.float64] | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        """Refuse a trace that says both or nothing."""
        if (self.points is None) == (self.reason is None):
            raise DataError("a trace needs points or a reason", expected="one of the two")


def length(points: NDArray[np.float64], spacing: Spacing) -> float:
    """Length of the (N, 2) polyline: µm where the scale is known, else px.

    Rows and columns may have different scales.
    """
    if len(points) == 2 and spacing.known:  # the usual diameter; arrays would take longer
        return spacing.length_um(*points.tolist())
    dx, dy = (points[1:] - points[:-1]).T
    if spacing.known:
        return 1000.0 * float(np.hypot(dx * spacing.column_mm, dy * spacing.row_mm).sum())
    return float(np.hypot(dx, dy).sum())


def length_unit(spacing: Spacing) -> LengthUnit:
    """The unit that `length` gives."""
    return "um" if spacing.known else "px"
