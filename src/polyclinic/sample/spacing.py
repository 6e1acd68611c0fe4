"""The physical size of a pixel and where that knowledge comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from polyclinic.errors import DataError

SpacingOrigin = Literal["calibrated", "detector", "assumed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """Millimetres per pixel along rows (y) and columns (x).

    `calibrated` was measured in the image plane, `detector` at the detector (magnification is
    not corrected), `assumed` was given by the user, `unknown` means that nothing is known:
    lengths in millimetres are then refused, not guessed.
    """

    row_mm: float = math.nan
    column_mm: float = math.nan
    origin: SpacingOrigin = "unknown"

    def __post_init__(self) -> None:
        """Refuse sizes that can't be."""
        if self.origin not in get_args(SpacingOrigin):
            raise DataError(
                f"spacing origin {self.origin!r} is not known",
                expected=f"one of {', '.join(get_args(SpacingOrigin))}",
            )
        if self.origin == "unknown":
            return
        for side, value in (("row", self.row_mm), ("column", self.column_mm)):
            if not (math.isfinite(value) and value > 0):
                raise DataError(
                    f"{side} spacing is {value}", expected="a positive number of mm per pixel"
                )

    @classmethod
    def unknown(cls) -> Spacing:
        """No physical scale."""
        return cls()

    @classmethod
    def square(cls, mm: float, origin: SpacingOrigin) -> Spacing:
        """Square pixels of `mm` millimetres."""
        return cls(row_mm=mm, column_mm=mm, origin=origin)

    @property
    def known(self) -> bool:
        """Whether lengths in millimetres can be stated."""
        return self.origin != "unknown"

    def length_um(self, start: Sequence[float], end: Sequence[float]) -> float:
        """Length in µm of the segment between two (x, y) points given in pixels.

        Raises:
            DataError: the scale is unknown.
        """
        if not self.known:
            raise DataError(
                "this image has no physical scale",
                expected="spacing_mm in the annotations",
                hint="give --spacing-um, or read the values in pixels",
            )
        dx = (end[0] - start[0]) * self.column_mm
        dy = (end[1] - start[1]) * self.row_mm
        return 1000.0 * math.hypot(dx, dy)
