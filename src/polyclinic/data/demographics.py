"""Age and sex: what everybody asks a figure to be broken down by, and nothing is trained on."""

from __future__ import annotations

import math
import re
from datetime import datetime

from polyclinic.data.damage import folded, may_stand_for_nothing
from polyclinic.errors import DataError

OLDEST = 130
BANDS = (0, 18, 40, 60, 80)
"""First year of each band of age that figures are broken down by."""

_AGE_STRING = re.compile(r"(\d{1,3})\s*([DWMY])", re.IGNORECASE)
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}
_SEXES = {
    "female": ("f", "female", "w", "woman", "girl"),
    "male": ("m", "male", "man", "boy"),
    "other": ("o", "other", "x", "d", "diverse", "intersex", "non-binary"),
}
_NOT_SAID = ("", "u", "unknown", "not said")


def read_age(value: object) -> float | None:
    """Years; None where nothing is said.

    Args:
        value: years as a number or its text, or as DICOM writes an age: `045Y`, `018M` (months),
            `003W`, `010D`.

    Raises:
        DataError: it is no age.
    """
    if isinstance(value, str):
        text = folded(value, "NFKC")
        if _says_nothing(text):
            return None
        years = _of_text(text)
    elif value is None:
        return None
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        years = float(value) if number else math.nan  # type: ignore[arg-type]
    if not 0 <= years <= OLDEST:
        raise DataError(f"age is {value!r}", expected=f"years, 0 to {OLDEST}, or as 045Y or 018M")
    return years


def _of_text(text: str) -> float:
    if match := _AGE_STRING.fullmatch(text):
        return int(match[1]) * _YEARS[match[2].upper()]
    try:
        return float(text)
    except ValueError:
        return math.nan


def read_sex(value: object) -> str | None:
    """`female`, `male` or `other`; None where nothing is said.

    Raises:
        DataError: it is none of these, nor a usual word or letter for them.
    """
    text = "" if value is None else folded(str(value), "NFKC")
    if _says_nothing(text):
        return None
    for sex, words in _SEXES.items():
        if text.casefold() in words:
            return sex
    raise DataError(f"sex is {value!r}", expected="female, male or other, or F, M or O")


def years_between(birth: str, day: str) -> float | None:
    """Age in whole years from two DICOM dates, YYYYMMDD; None where they can't be."""
    try:
        born, seen = (datetime.strptime(one.strip(), "%Y%m%d") for one in (birth, day))
    except ValueError:
        return None
    years = seen.year - born.year - ((seen.month, seen.day) < (born.month, born.day))
    return float(years) if 0 <= years <= OLDEST else None


def age_band(years: float) -> str:
    """The band of an age, such as `40 to 59`."""
    first = max(one for one in BANDS if one <= years)
    if first == BANDS[-1]:
        return f"{first} and over"
    return f"{first} to {BANDS[BANDS.index(first) + 1] - 1}"


def _says_nothing(text: str) -> bool:
    return text.casefold() in _NOT_SAID or may_stand_for_nothing(text)
