"""What spreadsheets and scripts leave where a value should stand.

A spreadsheet shows `#N/A` for what it could not compute, `1.23457E+11` for a long number, `01-Feb`
for a grade `1-2`; a script writes `nan` for what is missing. None of it is a name, a class or a
number, and all of it can be read as one.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

from polyclinic.data.tables.numbers import as_number

# Excel, Calc and Sheets, in English, and in other languages by their form.
_ERROR = re.compile(
    r"#(N/A|N/D|NV|N\.V\.|NULL|GETTING_DATA|FIELD|BLOCKED|CONNECT|UNKNOWN)!?\??"
    r"|#[^\W\d]?[\w¡¿/]+[!?]|#{2,}|Err:\d{3}|-?1\.#(IND|INF|QNAN)\w*",
    re.IGNORECASE,
)
_MISSING = frozenset({"nan", "-nan", "<na>", "n/a", "n.a.", "null", "nil", "nat", "undefined"})
_PERHAPS_MISSING = frozenset({"na", "none", "missing", "-", "--", "?", "."})
_ROUNDED = re.compile(r"[+-]?\d+([.,]\d*)?E\+\d+|[+-]?\d+[.,]\d*E-?\d+", re.IGNORECASE)
_MINUS = "\u2212\u2010\u2011\u2012\u2013\u2014\ufe63\uff0d"
_DIGITS = r"(\d+([.,]\d+)*|[.,]\d+)"
_DISGUISED = {
    "a percentage": re.compile(rf"[+-]?{_DIGITS}\s*[%‰]"),
    "a number with a dash for a minus": re.compile(rf"[{_MINUS}]\s*{_DIGITS}"),
    "a number with separators of thousands": re.compile(
        r"[+-]?\d{1,3}([,.'\u2019\s]\d{3})+([.,]\d+)?"
    ),
    "a number with a decimal comma": re.compile(r"[+-]?\d+,\d+"),
    "a number with its unit": re.compile(
        rf"[+-]?{_DIGITS}\s*(nm|[µμu]m|mm|cm|dm|m|px|pixels?|mm2|mm²|cm2|cm²|ml|°|deg|y|years?)"
        r"(/(px|pixels?))?",
        re.IGNORECASE,
    ),
    "a number with signs around it": re.compile(rf"[<>≤≥~≈±]\s*{_DIGITS}|'[+-]?{_DIGITS}"),
}
_MONTHS = "jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez"
_DATE = re.compile(
    rf"\d{{1,4}}[-./\s]({_MONTHS})\w*([-./\s]\d{{2,4}})?|({_MONTHS})\w*[-./\s]\d{{1,4}}"
    r"|\d{1,4}[-/]\d{1,2}[-/]\d{1,4}|\d{1,2}\.\d{1,2}\.(\d{2,4})?",
    re.IGNORECASE,
)


def folded(text: str, form: Literal["NFC", "NFKC"] = "NFC") -> str:
    """A text without what nobody sees: one form of each letter, and no blanks around it.

    Args:
        text: as it was typed or exported.
        form: Unicode normalisation; NFKC also makes wide and raised letters plain ones.
    """
    plain = unicodedata.normalize(form, text)
    kept = (one for one in plain if one.isspace() or not _invisible(one))
    return "".join(kept).strip()


def _invisible(letter: str) -> bool:
    kind = unicodedata.category(letter)
    joins = letter in "\u200c\u200d"  # which change how Persian or Hindi words are written
    return (kind in ("Cf", "Cc") and not joins) or letter in "\u034f\ufe0e\ufe0f"


def spreadsheet_error(text: str) -> bool:
    """Whether a spreadsheet failed here, as `#N/A`, `#DIV/0!` and `#####` say."""
    return _ERROR.fullmatch(text) is not None


def stands_for_nothing(text: str) -> bool:
    """Whether a script wrote that a value is missing: `nan`, `null`, `<NA>`."""
    return text.casefold() in _MISSING


def may_stand_for_nothing(text: str) -> bool:
    """The same, of words that may be values too where texts stand: `none`, `NA`."""
    return stands_for_nothing(text) or text.casefold() in _PERHAPS_MISSING


def was_rounded(text: str) -> bool:
    """Whether a number was shortened for show, as `1.23457E+11`: its last digits are lost."""
    return _ROUNDED.fullmatch(text) is not None


def disguised_number(text: str) -> str | None:
    """In words, what keeps a text from being a number that it seems to be; None of other texts."""
    if as_number(text) is not None:
        return None
    return next((what for what, form in _DISGUISED.items() if form.fullmatch(text)), None)


def is_date(text: str) -> bool:
    """Whether a text is a date, or what a spreadsheet made of a grade such as `1-2`."""
    return _DATE.fullmatch(text) is not None
