"""Lists of finite numbers."""

from __future__ import annotations

import math


def are_numbers(values: object) -> bool:
    """Whether this is a list of numbers, finite or not."""
    return isinstance(values, list) and all(
        isinstance(value, int | float) and not isinstance(value, bool) for value in values
    )


def are_finite(values: list[float]) -> bool:
    """Whether no number is NaN, infinite or a whole number beyond all floats."""
    try:
        return all(math.isfinite(value) for value in values)
    except OverflowError:
        return False
