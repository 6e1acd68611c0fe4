"""Lists of finite numbers."""

from __future__ import annotations

import math

from polyclinic.data.tables.numbers import numbers_in


def are_numbers(values: object) -> bool:
    """Whether this is a list of numbers, finite or not."""
    return isinstance(values, list) and {int, float}.issuperset(map(type, values))


def are_finite(values: list[float]) -> bool:
    """Whether no number is NaN, infinite or a whole number beyond all floats."""
    try:
        return all(map(math.isfinite, values))
    except OverflowError:
        return False


def plain_numbers(values: object) -> list[float] | None:
    """A list of numbers, those that stand there as texts among them; None for anything else."""
    if are_numbers(values):
        return values  # type: ignore[return-value]
    return numbers_in(values)
