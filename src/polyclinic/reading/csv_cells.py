"""Cells of CSV files (RFC 4180) that no spreadsheet takes for formulas, and back to their texts.

A spreadsheet computes a cell that begins with `=`, `+`, `-` or `@`, also behind white space,
whatever quotes stand around it. Names of files, patients and classes are texts of users, or of
whoever sent the images. So such a text gets an apostrophe in front, by which spreadsheets know
texts. `plain_cell` takes it away again; numbers stay as they are.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

_ACTIVE = re.compile(r"'*(?:[\s\x00-\x1f]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")
"""Also in full width, as Chinese and Japanese spreadsheets read them; apostrophes stay apart."""


def text_cell(value: Any) -> Any:
    """A text with an apostrophe in front where it could be computed; anything else as it is."""
    return f"'{value}" if isinstance(value, str) and _ACTIVE.match(value) else value


def plain_cell(cell: str) -> str:
    """The text that `text_cell` was given."""
    return cell[1:] if cell.startswith("'") and _ACTIVE.match(cell[1:]) else cell


def csv_text(table: pd.DataFrame, *, header: bool = True) -> str:
    """A table as lines of CSV that end with a line feed; cells with line breaks are quoted.

    Args:
        table: texts, numbers and missing values; six digits of a number are kept.
        header: False leaves out the heading, where other rows have gone before.
    """
    texts = table.rename(columns=text_cell)
    for place, kind in enumerate(table.dtypes):
        if kind.kind not in "iufbc":
            texts.isetitem(place, [text_cell(one) for one in table.iloc[:, place]])
    lines = _Lines()
    texts.to_csv(lines, index=False, header=header, float_format="%.6g", lineterminator="\r\n")
    return lines.getvalue()


class _Lines(io.StringIO):
    """Rows as `csv.writer` gives them, one at a time, which end with a line feed alone.

    It quotes only what is in its own line end (before Python 3.13), so that end must hold both.
    """

    def __init__(self) -> None:
        super().__init__(newline="")

    def write(self, row: str) -> int:
        return super().write(row.removesuffix("\r\n") + "\n")
