"""A CSV file as named cells, with the numbers that a spreadsheet gives its rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from polyclinic.data.findings import Finding, Place
from polyclinic.errors import DataError
from polyclinic.reading.csv_cells import plain_cell

_DELIMITERS = {".csv": (",", ";"), ".tsv": ("\t",)}
TABLE_SUFFIXES = frozenset(_DELIMITERS)


@dataclass(frozen=True)
class Record:
    """One row of a table.

    Args:
        number: row in a spreadsheet; the header is row 1.
        cells: text of each named column, without spaces around it; empty where nothing stands.
    """

    number: int
    cells: dict[str, str]

    def __getitem__(self, column: str | None) -> str:
        """The text in a column; empty for a column that the table lacks."""
        return "" if column is None else self.cells.get(column, "")


@dataclass(frozen=True)
class Sheet:
    """A table whose rows all have as many cells as the header.

    Args:
        path: of the file.
        columns: names in the header, in order, without the empty ones.
        records: rows that are not empty.
    """

    path: Path
    columns: tuple[str, ...]
    records: tuple[Record, ...]

    def place(self, record: Record | None = None, column: str | None = None) -> Place:
        """Where a finding says it stands."""
        row = None if record is None else f"row {record.number}"
        named = None if column is None else f"column {column!r}"
        return Place(str(self.path), ", ".join(part for part in (row, named) if part) or None)


def read_sheet(path: Path) -> tuple[Sheet, list[Finding]]:
    """The cells of a .csv (commas or semicolons) or .tsv file in UTF-8, and its faults of form.

    Raises:
        DataError: it can't be opened, or is no table in UTF-8.
    """
    header, *body = _lines(path) or [[]]
    names = [plain_cell(name.strip()) for name in header]
    while names and not names[-1]:
        names.pop()
    filled = [(number, cells) for number, cells in enumerate(body, 2) if any(map(str.strip, cells))]
    records = [Record(number, _named(names, cells)) for number, cells in filled]
    sheet = Sheet(path, tuple(name for name in names if name), tuple(records))
    return sheet, [*_header_findings(names, sheet), *_length_findings(names, filled, sheet)]


def _holds_zeros(text: str, path: Path) -> DataError:
    """Zero bytes, as a copy that broke off leaves them; they can't be seen in a name or value."""
    line = text.count("\n", 0, text.index("\0")) + 1
    return DataError(
        f"holds zero bytes, the first in line {line}",
        expected="a CSV table in UTF-8",
        where=str(path),
        hint="copy the file again from where it was written",
    )


def _lines(path: Path) -> list[list[str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            text = file.read()
        if "\0" in text:
            raise _holds_zeros(text, path)
        return list(csv.reader(_reread(text), delimiter=_delimiter(text, path), strict=True))
    except OSError as error:
        raise DataError(f"can't be opened ({error.strerror})", where=str(path)) from None
    except UnicodeDecodeError:
        raise DataError(
            "is no text in UTF-8",
            expected="a CSV table in UTF-8",
            where=str(path),
            hint="save it again as 'CSV UTF-8'",
        ) from None
    except csv.Error as error:
        raise DataError(f"is no table ({error})", expected="a CSV table", where=str(path)) from None


def _delimiter(text: str, path: Path) -> str:
    """The one that cuts the header into the most cells."""

    def cells(delimiter: str) -> int:
        return len(next(csv.reader(_reread(text), delimiter=delimiter), []))

    return max(_DELIMITERS[path.suffix.lower()], key=cells)


def _reread(text: str) -> io.StringIO:
    """The lines as they are, so that a quoted cell may hold a line break."""
    return io.StringIO(text, newline="")


def _named(names: list[str], cells: list[str]) -> dict[str, str]:
    return {
        name: plain_cell(cell.strip()) for name, cell in zip(names, cells, strict=False) if name
    }


def _header_findings(names: list[str], sheet: Sheet) -> Iterator[Finding]:
    for name, times in Counter(filter(None, names)).items():
        if times > 1:
            yield sheet.place(column=name).error(
                f"stands {times} times in the header", "each column once", "rename or remove one"
            )
    if not sheet.records:
        yield sheet.place().error("holds no rows", "a header and a row for each image")
    for number, name in enumerate(names, 1):
        if not name:
            yield sheet.place().warning(f"column {number} has no name and is left out")


def _length_findings(
    names: list[str], filled: list[tuple[int, list[str]]], sheet: Sheet
) -> Iterator[Finding]:
    for number, cells in filled:
        surplus = any(cell.strip() for cell in cells[len(names) :])
        if surplus or len(cells) < len(names):
            yield Place(str(sheet.path), f"row {number}").error(
                f"holds {len(cells)} cells",
                f"{len(names)}, as the header",
                "is there a decimal comma? numbers need a point" if surplus else "fill it up",
            )
