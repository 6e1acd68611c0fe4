"""Lists of finite numbers."""

from __future__ import annotations

import math


def are_numbers(values: object) -> bool:
    """Whether this is a list of numbers, finite or not."""
    return isinstance(values, list) and {int, float}.issuperset(map(type, values))


def are_finite(values: list[float]) -> bool:
    """Whether no number is NaN, infinite or a whole number beyond all floats."""
    try:
        return all(map(math.isfinite, values))
    except OverflowError:
        return False
