"""Who is the same person, by the ids that data sets give.

Two spellings that look the same are one id: letters in another Unicode form, wide digits, blanks
and characters that nobody sees make no difference. Ids that differ in capitals, separators,
leading zeros or a `.0` alone (`P01`, `p-1`; `012`, `12.0`) are nearly always one person as two
programs write it. Such people count as one until somebody states that they are not, for a person
on both sides of a split is the dearer mistake.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from functools import lru_cache

from polyclinic.data.damage import (
    folded,
    may_stand_for_nothing,
    spreadsheet_error,
    was_rounded,
)
from polyclinic.errors import DataError

_NOBODY = frozenset(
    {"unknown", "anonymous", "anonymized", "anonymised", "anon", "not known", "not given", "inf"}
)
_EXPECTED = "an id as a text or a whole number"
_LEAVE_OUT = "leave it out where nobody knows who it is"
_WHOLE_FLOAT = re.compile(r"([+-]?\d+)[.,]0+")
_THOUSANDS = re.compile(r"\d{1,3}(,\d{3})+")
_PARTS = re.compile(r"\d+|[^\W\d_]+")
_EXACT = 2**53
_SHOWN_DIGITS, _LONG = 6, 1e10
_MOST_DIGITS = 100
# Cyrillic and Greek capitals and small letters that look like these Latin ones.
_LOOK_ALIKE = str.maketrans(
    "аерсухокмтнвАВЕКМНОРСТУХΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "aepcyxokmthbABEKMHOPCTYXABEZHIKMNOPTYX"
)


def person_id(value: object) -> str | None:
    """An id in the one form that it has everywhere; None where none is given.

    Args:
        value: a text, or a number of a JSON file: 7 and 7.0 are `7`, as the text `7` is.

    Raises:
        DataError: the value names nobody (`nan`, `#N/A`, an empty text), or lost its last digits
            (`1.23457E+11`).
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise DataError(f"{value!r} is no id", expected=_EXPECTED)
    if isinstance(value, int):
        return str(value)
    return _of_float(value)


@lru_cache(maxsize=100_000)
def _of_text(text: str) -> str:
    name = " ".join(folded(text, "NFKC").split())
    if was_rounded(name):
        raise DataError(
            f"{name!r} was rounded for show: other people may share these digits",
            expected="all digits of the id",
            hint="format the column as text before you export it",
        )
    nobody = name.casefold() in _NOBODY or may_stand_for_nothing(name) or spreadsheet_error(name)
    if nobody or not near_key(name):
        what = f"{name!r} names nobody" if name else "is an empty text"
        raise DataError(what, expected=_EXPECTED, hint=_LEAVE_OUT)
    return name


def _of_float(value: float) -> str:
    if not math.isfinite(value):
        raise DataError(f"{value} names nobody", expected=_EXPECTED, hint=_LEAVE_OUT)
    digits = len(str(int(abs(value))).rstrip("0"))
    shortened = abs(value) >= _LONG and digits <= _SHOWN_DIGITS
    if not value.is_integer() or abs(value) >= _EXACT or shortened:
        raise DataError(
            f"{value!r} is no whole number, or has lost digits",
            expected=_EXPECTED,
            hint="write ids as texts",
        )
    return str(int(value))


@lru_cache(maxsize=100_000)
def near_key(name: str) -> str:
    """The same for ids that differ in capitals, separators, leading zeros or `.0` alone.

    A separator counts between digits, where it keeps `1-12` from `11-2`, and nowhere else.
    """
    plain = name.translate(_LOOK_ALIKE).casefold()
    if match := _WHOLE_FLOAT.fullmatch(plain.strip()):
        plain = match[1]
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    key = ""
    for part in _PARTS.findall(plain):
        number = part.isdecimal()
        key += "-" if number and key[-1:].isdecimal() else ""
        key += str(int(part)) if number and len(part) < _MOST_DIGITS else part
    return key


def say_alike(groups: Iterable[Iterable[str]], most: int = 3) -> str:
    """Ids that are nearly the same, for people."""
    said = [" and ".join(repr(name) for name in group) for group in groups]
    return "; ".join(said[:most]) + (f"; and {len(said) - most} more" if len(said) > most else "")
