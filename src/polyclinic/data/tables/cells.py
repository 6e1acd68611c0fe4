"""Cells that must hold numbers, or an id, or at least no wreck of a value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from polyclinic.data.coco.image import PERSON
from polyclinic.data.damage import disguised_number, folded, spreadsheet_error
from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import Columns
from polyclinic.data.tables.numbers import as_number, has_decimal_comma
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.errors import DataError


def read_number(
    sheet: Sheet, record: Record, column: str | None, findings: list[Finding]
) -> float | None:
    """The number in a cell; None where it is empty, and with a finding where it is none."""
    text = record[column]
    value = as_number(text) if text else None
    if text and value is None:
        findings.append(
            sheet.place(record, column).error(
                f"{text!r} is no number",
                "a number",
                "leave the cell empty if nothing was annotated",
            )
        )
    return value


def without_invisible(sheet: Sheet, columns: Columns) -> Sheet:
    """The table with each text in one form, but for names of files, which are found by letter."""
    paths = {*columns.paths}

    def clean(record: Record) -> Record:
        cells = {n: text if n in paths else folded(text) for n, text in record.cells.items()}
        return replace(record, cells=cells)

    return replace(sheet, records=tuple(clean(record) for record in sheet.records))


def wrecks(sheet: Sheet) -> list[Finding]:
    """The first cell of each column in which a spreadsheet failed, such as `#N/A`."""
    findings = []
    for column in sheet.columns:
        found = [one for one in sheet.records if spreadsheet_error(one[column])]
        if found:
            more = f", as are {len(found) - 1} more of this column" if len(found) > 1 else ""
            findings.append(
                sheet.place(found[0], column).error(
                    f"{found[0][column]!r} is a failure of the spreadsheet{more}",
                    "a value",
                    "mend its formula, or empty the cell if nothing is known",
                )
            )
    return findings


def person_faults(sheet: Sheet, columns: Columns) -> list[Finding]:
    """Ids that name nobody or lost digits: whose images belong together can't be told."""
    findings = []
    for key, read in PERSON.items():
        column = columns.known.get(key)
        for record in sheet.records if column is not None else ():
            try:
                read(record[column] or None)
            except DataError as error:
                place = sheet.place(record, column)
                findings.append(place.error(error.what, error.expected, error.hint))
    return findings


def no_plain_numbers(sheet: Sheet, columns: Iterable[str]) -> list[Finding]:
    """The first number of each column of numbers that is written as `0,5`, `0.5 mm` or `5%`."""
    found = ((name, _first_disguised(sheet, name)) for name in columns)
    return [_disguised(sheet, record, name) for name, record in found if record is not None]


def _disguised(sheet: Sheet, record: Record, column: str) -> Finding:
    if has_decimal_comma(record[column]):
        return decimal_comma(sheet, record, column)
    return sheet.place(record, column).error(
        f"{record[column]!r} is {disguised_number(record[column])}",
        "a plain number",
        "leave the cell empty if nothing was annotated",
    )


def decimal_comma(sheet: Sheet, record: Record, column: str) -> Finding:
    """The refusal of a number that is written with a comma."""
    text = record[column]
    plain = text.replace(",", ".")
    if len(text.partition(",")[2]) == len("000"):
        plain += f", or {text.replace(',', '')} if the comma separates thousands"
    return sheet.place(record, column).error(
        f"{text!r} has a decimal comma",
        plain,
        "save the table with decimal points, and without separators of thousands",
    )


def _first_disguised(sheet: Sheet, column: str) -> Record | None:
    return next((one for one in sheet.records if disguised_number(one[column])), None)
