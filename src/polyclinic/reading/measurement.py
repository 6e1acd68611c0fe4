"""A clinical quantity with its unit, interval and origin."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Literal, get_args

from polyclinic.errors import DataError
from polyclinic.sample import SpacingOrigin

_SHOWN = {"1": "", "um": "µm", "mm2": "mm²", "px2": "px²", "count": "", "deg": "°"}


def shown_unit(unit: str) -> str:
    """The sign of a unit; nothing for ratios and counts."""
    return _SHOWN.get(unit, unit)


Unit = Literal["px", "um", "mm", "mm2", "px2", "1/mm", "count", "1", "deg", "%"]
_UNITS = frozenset(get_args(Unit))
PHYSICAL: frozenset[str] = frozenset({"um", "mm", "mm2", "1/mm"})
REFUSED = "refused: less certain than 95 % of the calibration readings"
"""Flag of a value that nothing else may be made of."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Domain:
    """The values that a quantity can have.

    Args:
        least, most: both ends.
        reached: whether it can be `least` itself: a count can be 0, a diameter can't.
    """

    least: float = -math.inf
    most: float = math.inf
    reached: bool = True

    def around(self, value: float, reach: float) -> tuple[float | None, float | None]:
        """Limits of value -+ reach, within the domain.

        A limit that can't be is replaced by the end that can; where the end itself can't be, as
        0 for a diameter, there is no limit on that side. A value outside shows that the domain
        is another one, so nothing is cut.
        """
        lower, upper = value - reach, value + reach
        if not self.least <= value <= self.most:
            return lower, upper
        upper = min(upper, self.most)
        if lower > self.least or (self.reached and lower == self.least):
            return lower, upper
        return (self.least if self.reached else None), upper


ANY = Domain()
POSITIVE = Domain(least=0.0, reached=False)
NOT_NEGATIVE = Domain(least=0.0)
FROM_ONE = Domain(least=1.0)
SHARE = Domain(least=0.0, most=1.0)
_OF_UNIT: dict[str, Domain] = {
    **dict.fromkeys(("px", "um", "mm", "px2", "mm2"), POSITIVE),
    **dict.fromkeys(("count", "1/mm"), NOT_NEGATIVE),
    "%": Domain(least=0.0, most=100.0),
}
"""What a quantity can be that says nothing else: sizes are above 0, ratios and angles anything."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Measurement:
    """One number, or the reason why there is none.

    Args:
        name: what was measured, e.g. `apical_diameter`.
        value: the number; None when it can't be made, then `flags` says why.
        unit: its unit; "1" is a ratio.
        lower, upper: 95 % interval where one is known; only `upper` where every value down to
            the end of the domain is in it and the end itself can't be, such as a diameter of 0.
        formula: how it was made, one line.
        source: paper or guideline of the definition.
        scale_source: origin of the pixel size; "unknown" is refused for physical units.
        instance: row in `Reading.instances`, None for the whole image.
        flags: short reasons for caution, e.g. `mask-landmark-disagreement`.
        domain: the values that it can have; None is what its unit says.
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
    domain: Domain | None = None

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

    @property
    def refused(self) -> bool:
        """Whether nothing else may be made of it."""
        return REFUSED in self.flags

    def with_reach(self, reach: float) -> Measurement:
        """With the interval value -+ reach, cut off where the quantity can't be."""
        if self.value is None:
            return self
        domain = self.domain or _OF_UNIT.get(self.unit, ANY)
        lower, upper = domain.around(self.value, reach)
        return replace(self, lower=lower, upper=upper)
