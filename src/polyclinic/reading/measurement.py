"""A clinical quantity with its unit, interval and origin."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from polyclinic.errors import DataError
from polyclinic.sample import SpacingOrigin

Unit = Literal["px", "um", "mm", "mm2", "px2", "1/mm", "count", "1", "deg", "%"]
_UNITS = frozenset(get_args(Unit))
PHYSICAL: frozenset[str] = frozenset({"um", "mm", "mm2", "1/mm"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One number, or the reason why there is none.

    Args:
        name: what was measured, e.g. `apical_diameter`.
        value: the number; None when it can't be made, then `flags` says why.
        unit: its unit; "1" is a ratio.
        lower, upper: 95 % interval where one is known.
        formula: how it was made, one line.
        source: paper or guideline of the definition.
        scale_source: origin of the pixel size; "unknown" is refused for physical units.
        instance: row in `Reading.instances`, None for the whole image.
        flags: short reasons for caution, e.g. `mask-landmark-disagreement`.
    """

    name: str
    value: float | None
    unit: Unit
    lower: float | None = None
    upper: float | None = None
    formula: str = ""
    source: str = ""
    scale_source: SpacingOrigin = "unknown"
    instance: int | None = None
    flags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse unknown units, numbers that are not finite and physical units without a scale."""
        if self.unit not in _UNITS:
            raise DataError(
                f"unit {self.unit!r} of {self.name} is not known",
                expected=f"one of {', '.join(get_args(Unit))}",
            )
        if self.value is None:
            if not self.flags:
                raise DataError(f"{self.name} has no value and no flag", expected="a reason")
            return
        if not math.isfinite(self.value):
            raise DataError(f"{self.name} is {self.value}", expected="a finite number, or None")
        if self.unit in PHYSICAL and self.scale_source == "unknown":
            raise DataError(
                f"{self.name} is given in {self.unit} without a known scale",
                expected="a spacing, or pixels",
            )
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise DataError(f"{self.name} has the interval {self.lower} ... {self.upper}")
