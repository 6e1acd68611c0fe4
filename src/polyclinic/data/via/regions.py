"""The regions of VIA's CSV export; shapes and attributes stand as JSON in its cells.

VIA multiplies the position of the mouse by the zoom and rounds it (`Math.round`), so that at
natural size a point is the index of the pixel that was clicked. Points are taken as indices,
corners of rectangles as edges from the corner of the first pixel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from polyclinic.data.coco.faults.numbers import are_finite, are_numbers
from polyclinic.data.findings import Finding
from polyclinic.data.tables.sheet import Record, Sheet

SHAPE, ATTRIBUTES, OF_FILE = "region_shape_attributes", "region_attributes", "file_attributes"
_NUMBERS = {"point": ("cx", "cy"), "rect": ("x", "y", "width", "height")}


@dataclass(frozen=True)
class Region:
    """A point or a rectangle.

    Args:
        record: its row.
        shape: `point` or `rect`.
        numbers: cx, cy of a point; x, y, width, height of a rectangle.
        attributes: what was said of it.
    """

    record: Record
    shape: str
    numbers: tuple[float, ...]
    attributes: dict[str, str]


def read_region(sheet: Sheet, record: Record, findings: list[Finding]) -> Region | None:
    """The region of a row; None where there is none, or with a finding."""
    drawn = _read_object(sheet, record, SHAPE, findings)
    if not drawn:
        return None
    place, shape = sheet.place(record, SHAPE), drawn.get("name")
    if not isinstance(shape, str) or shape not in _NUMBERS:
        findings.append(place.warning(f"is a {shape}", "a point or a rect", "it is left out"))
        return None
    numbers: list[Any] = [drawn.get(name) for name in _NUMBERS[shape]]
    if not (are_numbers(numbers) and are_finite(numbers)):
        expected = f"numbers for {', '.join(_NUMBERS[shape])}"
        findings.append(place.error(f"{record[SHAPE]} can't be", expected, "it is left out"))
        return None
    attributes = read_attributes(sheet, record, ATTRIBUTES, findings)
    return Region(record, shape, tuple(map(float, numbers)), attributes)


def read_attributes(
    sheet: Sheet, record: Record, column: str, findings: list[Finding]
) -> dict[str, str]:
    """{attribute: value} of a cell, without the empty ones; of boxes the names that are ticked."""
    found = _read_object(sheet, record, column, findings)
    texts = {name.strip(): _text(value) for name, value in found.items()}
    return {name: text for name, text in texts.items() if name and text}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(name for name, ticked in value.items() if ticked is True)
    return str(value).strip() if isinstance(value, str | int | float) else ""


def _read_object(
    sheet: Sheet, record: Record, column: str, findings: list[Finding]
) -> dict[str, Any]:
    """The JSON object of a cell; empty for an empty cell, and with a finding."""
    try:
        found = json.loads(record[column] or "{}")
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    text = record[column] if len(record[column]) < 80 else f"{record[column][:76]} ..."
    findings.append(
        sheet.place(record, column).error(
            f"{text!r} can't be read", "a JSON object, as VIA writes it", "it is left out"
        )
    )
    return {}
