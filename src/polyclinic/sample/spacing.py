"""The physical size of a pixel and where that knowledge comes from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real
from typing import Literal, get_args

from polyclinic.errors import DataError

SpacingOrigin = Literal["calibrated", "detector", "assumed", "unknown"]


@dataclass(frozen=True, kw_only=True)
class Spacing:
    """Millimetres per pixel along rows (y) and columns (x).

    `calibrated` was measured in the image plane, `detector` at the detector (magnification is
    not corrected), `assumed` was given by the user, `unknown` means that nothing is known:
    lengths in millimetres are then refused, not guessed. Numbers without an origin were given by
    somebody: they are `assumed`.
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
        sides = (("row", self.row_mm), ("column", self.column_mm))
        if self.origin == "unknown":
            if all(isinstance(value, float) and math.isnan(value) for _, value in sides):
                return
            object.__setattr__(self, "origin", "assumed")
        for side, value in sides:
            if not (isinstance(value, Real) and math.isfinite(value) and value > 0):
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

    def resized(self, before: tuple[int, int], after: tuple[int, int]) -> Spacing:
        """The scale of the same picture at another size: half as many pixels are twice as large.

        Unknown where the sides have not shrunk or grown alike, to within their rounding to whole
        pixels: the picture was then cut, turned or squeezed, and nobody knows how.

        Args:
            before: (height, width) that this scale was stated for.
            after: (height, width) that the picture has.
        """
        if before == after or not self.known:
            return self
        if not _alike(before, after):
            return Spacing.unknown()
        return Spacing(
            row_mm=self.row_mm * before[0] / after[0],
            column_mm=self.column_mm * before[1] / after[1],
            origin=self.origin,
        )

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


def _alike(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Whether two sizes are those of one picture, each side rounded to whole pixels."""
    small, large = sorted((one, other), key=math.prod)
    if min(small) < 1:
        return False
    longest = int(large[1] >= large[0])
    factor = small[longest] / large[longest]
    return abs(large[1 - longest] * factor - small[1 - longest]) < 1
