"""Units as people read them."""

from __future__ import annotations

_SHOWN = {"1": "", "um": "µm", "mm2": "mm²", "px2": "px²", "count": "", "deg": "°"}


def shown_unit(unit: str) -> str:
    """The sign of a unit; nothing for ratios and counts."""
    return _SHOWN.get(unit, unit)
