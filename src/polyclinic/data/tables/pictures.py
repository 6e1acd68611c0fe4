"""What a table says of each image as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polyclinic.data.coco.document import Row
from polyclinic.data.coco.image import PARTNER_KEY
from polyclinic.data.findings import Finding
from polyclinic.data.tables.cells import read_number
from polyclinic.data.tables.columns import PARTNER, RATER, TEXTS, Columns
from polyclinic.data.tables.labels import Values
from polyclinic.data.tables.locate import exists, locate
from polyclinic.data.tables.sheet import Record, Sheet


@dataclass
class Picture:
    """An image with all rows of the table that name it.

    Args:
        file: where it lies.
        row: the keys of a COCO image, without its size.
        records: rows of the table.
        annotated_size: (height, width) that the table states; None where it states none.
    """

    file: Path
    row: Row
    records: list[Record] = field(default_factory=list)
    annotated_size: tuple[int, int] | None = None


def read_pictures(
    sheet: Sheet, columns: Columns, labels: list[Values], findings: list[Finding]
) -> list[Picture]:
    """The images of a table in order; a row may repeat, but not contradict, an earlier one.

    Where rows name their rater, labels may differ between raters: each keeps his own.

    Args:
        sheet: the table.
        columns: what its columns mean.
        labels: the whole-image values of each row.
        findings: what is wrong with any cell is added here.
    """
    pictures: dict[Path, Picture] = {}
    first: dict[tuple[Path, str, str], Record] = {}
    for record, values in zip(sheet.records, labels, strict=True):
        name = record[columns.known["image"]]
        file = locate(name, sheet.path, "images")
        picture = pictures.setdefault(file, Picture(file, {"id": name, "file_name": name}))
        picture.records.append(record)
        said = _said(sheet, columns, record, findings)
        size = said.pop("size", None)
        picture.annotated_size = picture.annotated_size or size
        for key, value in said.items():
            _keep(picture.row, key, value, first, (record, sheet, file), findings)
        rater = record[columns.known.get(RATER)]
        kept = picture.row.setdefault("labels", {})
        if rater and values:
            kept = picture.row.setdefault("raters", {}).setdefault(rater, {})
        for key, value in values.items():
            _keep(kept, key, value, first, (record, sheet, file), findings, rater)
    for picture in pictures.values():
        picture.row["labels"] |= _agreed(picture.row.get("raters", {}))
    return list(pictures.values())


def _agreed(raters: Mapping[str, Values]) -> Values:
    """The labels of which all raters that gave them gave the same value."""
    given: Values = {}
    disputed = set()
    for said in raters.values():
        for key, value in said.items():
            if given.setdefault(key, value) != value:
                disputed.add(key)
    return {key: value for key, value in given.items() if key not in disputed}


def _said(sheet: Sheet, columns: Columns, record: Record, findings: list[Finding]) -> Row:
    """The keys of a COCO image that one row fills, and `size`."""
    known = columns.known
    said: Row = {key: record[known.get(key)] for key in TEXTS if record[known.get(key)]}

    def numbers(*names: str) -> list[float] | None:
        found = [read_number(sheet, record, known.get(name), findings) for name in names]
        values = [value for value in found if value is not None]
        return values if len(values) == len(names) else None

    square, sides = numbers("spacing_mm"), numbers("spacing_row_mm", "spacing_column_mm")
    if square or sides:
        said["spacing_mm"] = sides or [*(square or ())] * 2
    size = numbers("height", "width")
    if size and min(size) >= 1:
        said["size"] = tuple(round(side) for side in size)
    if record[known.get(PARTNER)]:
        said[PARTNER_KEY] = record[known[PARTNER]]
    return said


def _keep(
    kept: dict[str, Any],
    key: str,
    value: object,
    first: dict[tuple[Path, str, str], Record],
    here: tuple[Record, Sheet, Path],
    findings: list[Finding],
    rater: str = "",
) -> None:
    """Take a value unless an earlier row of the same image, and rater, says another one."""
    record, sheet, file = here
    earlier = first.setdefault((file, key, rater), record)
    if kept.setdefault(key, value) != value:
        findings.append(
            sheet.place(record, key).error(
                f"{value!r} contradicts row {earlier.number} of the same image",
                repr(kept[key]),
                "a value of an image is the same in all its rows; the first one counts",
            )
        )


def missing_pictures(sheet: Sheet, columns: Columns, pictures: Iterable[Picture]) -> list[Finding]:
    """One error for each image that has no file."""
    folder = sheet.path.parent
    findings = []
    for picture in pictures:
        record, name = picture.records[0], picture.row["file_name"]
        if not exists(picture.file):
            what = f"{name} is missing" if name else "is empty"
            findings.append(
                sheet.place(record, columns.known["image"]).error(
                    what, f"a file in {folder} or {folder / 'images'}"
                )
            )
    return findings
