"""Cells that must hold numbers."""

from __future__ import annotations

from collections.abc import Iterable

from polyclinic.data.findings import Finding
from polyclinic.data.tables.numbers import as_number, has_decimal_comma
from polyclinic.data.tables.sheet import Record, Sheet


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


def decimal_commas(sheet: Sheet, columns: Iterable[str]) -> list[Finding]:
    """The first decimal comma of each column that must hold numbers."""
    found = ((name, _first_comma(sheet, name)) for name in columns)
    return [decimal_comma(sheet, record, name) for name, record in found if record is not None]


def decimal_comma(sheet: Sheet, record: Record, column: str) -> Finding:
    """The refusal of a number that is written with a comma."""
    return sheet.place(record, column).error(
        f"{record[column]!r} has a decimal comma",
        record[column].replace(",", "."),
        "save the table with decimal points",
    )


def _first_comma(sheet: Sheet, column: str) -> Record | None:
    return next((one for one in sheet.records if has_decimal_comma(one[column])), None)
