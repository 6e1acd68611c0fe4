"""Texts to numbers."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_WHOLE = re.compile(r"[+-]?\d+", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
# A number written so names something: a float would change it.
_CODE = re.compile(r"[+-]?(0\d.*|\d{16,})", re.ASCII)


def as_number(text: str) -> float | None:
    """The finite number that a text states; None for any other text, `nan` among them."""
    if not _NUMBER.fullmatch(text):
        return None
    value = float(text)
    return value if math.isfinite(value) else None


def numbers_in(values: object) -> list[float] | None:
    """A list of numbers as floats, numbers written as texts among them; None for anything else.

    What is not finite stays as it is, to be said by whoever asks.
    """
    if not isinstance(values, list):
        return None
    found: list[float] = []
    for value in values:
        read = as_number(value.strip()) if isinstance(value, str) else value
        if isinstance(read, bool) or not isinstance(read, int | float):
            return None
        try:
            found.append(float(read))
        except OverflowError:
            found.append(math.inf)
    return found


def are_quantities(texts: Iterable[str]) -> bool:
    """Whether each text states a finite number, and none is a code such as `007`."""
    return all(as_number(text) is not None and not _CODE.fullmatch(text) for text in texts)


def are_whole(texts: Iterable[str]) -> bool:
    """Whether each text is written as a whole number."""
    return all(_WHOLE.fullmatch(text) for text in texts)


def has_decimal_comma(text: str) -> bool:
    """Whether a text looks like a number with a comma instead of a point."""
    return _DECIMAL_COMMA.fullmatch(text) is not None
