"""Label columns to values: numbers stay numbers, empty cells are not annotated."""

from __future__ import annotations

from polyclinic.data.damage import (
    disguised_number,
    is_date,
    may_stand_for_nothing,
    stands_for_nothing,
)
from polyclinic.data.findings import Finding
from polyclinic.data.tables.cells import decimal_comma
from polyclinic.data.tables.numbers import are_quantities, are_whole, as_number, has_decimal_comma
from polyclinic.data.tables.sheet import Sheet

Values = dict[str, int | float | str]


def label_values(sheet: Sheet, columns: tuple[str, ...]) -> tuple[list[Values], list[Finding]]:
    """{column: value} of each row of a table, and doubts about the columns.

    A column whose cells all are numbers holds numbers, whole ones where all are written so; any
    other column holds texts.
    """
    values: list[Values] = [{} for _ in sheet.records]
    findings: list[Finding] = []
    for column in columns:
        texts = {row: record[column] for row, record in enumerate(sheet.records) if record[column]}
        findings += _findings(sheet, column, texts)
        numeric, whole = are_quantities(texts.values()), are_whole(texts.values())
        for row, text in texts.items():
            kept = (int(text) if whole else float(text)) if numeric else text
            values[row][column] = kept
    return values, findings


def object_label_values(
    sheet: Sheet, columns: dict[str, str]
) -> tuple[dict[int, Values], list[Finding]]:
    """{row number: {label: value}} of the rows that say any, and doubts about the columns.

    Args:
        sheet: the table.
        columns: column of each label.
    """
    values, findings = label_values(sheet, tuple(columns.values()))
    by_name = [{n: row[c] for n, c in columns.items() if c in row} for row in values]
    numbered = zip(sheet.records, by_name, strict=True)
    return {record.number: row for record, row in numbered if row}, findings


def _findings(sheet: Sheet, column: str, texts: dict[int, str]) -> list[Finding]:
    """What looks like a number and is none refuses the table; texts among numbers are said."""
    numbers = {row for row, text in texts.items() if as_number(text) is not None}
    others = [row for row in texts if row not in numbers]
    commas = [row for row in others if has_decimal_comma(texts[row])]
    if commas and len(commas) == len(others):
        return [decimal_comma(sheet, sheet.records[commas[0]], column)]
    if wrong := _not_meant(texts, others, mostly_numbers=len(numbers) > len(others)):
        row, what = wrong
        return [
            sheet.place(sheet.records[row], column).error(
                f"{texts[row]!r} is {what}",
                "plain numbers, or texts",
                "write the number alone, or empty the cell if nothing was annotated",
            )
        ]
    if numbers and others and len(numbers) > len(others):
        first = others[0]
        return [
            sheet.place(sheet.records[first], column).warning(
                f"{texts[first]!r} stands among numbers, so that all are read as texts",
                "numbers alone",
                "empty the cell if nothing was annotated",
            )
        ]
    return []


def _not_meant(
    texts: dict[int, str], others: list[int], *, mostly_numbers: bool
) -> tuple[int, str] | None:
    """The first cell that would become a class by mistake, and in words what it is.

    Args:
        texts: of the cells that are not empty, by row.
        others: the rows that hold no number.
        mostly_numbers: whether the rest does.
    """
    disguised = {row: what for row in others if (what := disguised_number(texts[row]))}
    if disguised and len(disguised) == len(others):
        return next(iter(disguised.items()))
    for row in others:
        text = texts[row]
        if stands_for_nothing(text) or (mostly_numbers and may_stand_for_nothing(text)):
            return row, "what a program writes where a value is missing"
        if mostly_numbers and is_date(text):
            return row, "a date, perhaps made of a number by the spreadsheet"
    return next(iter(disguised.items())) if disguised and mostly_numbers else None
