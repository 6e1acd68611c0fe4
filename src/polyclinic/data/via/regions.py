"""The regions of VIA's CSV export; shapes and attributes stand as JSON in its cells.

VIA multiplies the position of the mouse by the zoom and rounds it (`Math.round`), so that at
natural size a point is the index of the pixel that was clicked. Points are taken as indices,
corners of rectangles and outlines as edges from the corner of the first pixel.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from polyclinic.data.coco.document import whole_number
from polyclinic.data.coco.faults.numbers import are_finite
from polyclinic.data.damage import spreadsheet_error, stands_for_nothing
from polyclinic.data.findings import Finding
from polyclinic.data.outlines import ellipse_mask
from polyclinic.data.tables.numbers import numbers_in
from polyclinic.data.tables.sheet import Record, Sheet
from polyclinic.sample import Mask
from polyclinic.sample.rle import mask_from_coco

SHAPE, ATTRIBUTES, OF_FILE = "region_shape_attributes", "region_attributes", "file_attributes"
_NUMBERS = {
    "point": ("cx", "cy"),
    "rect": ("x", "y", "width", "height"),
    "circle": ("cx", "cy", "r"),
    "ellipse": ("cx", "cy", "rx", "ry"),
}
_POLYGON = ("all_points_x", "all_points_y")
_READ = "a point, rect, circle, ellipse or polygon"


@dataclass(frozen=True)
class Region:
    """What was drawn.

    Args:
        record: its row.
        shape: `point`, `rect`, `circle`, `ellipse` or `polygon`.
        numbers: cx, cy of a point; x, y, width, height of a rectangle; cx, cy, r of a circle;
            cx, cy, rx, ry and radians from x towards y of an ellipse; x, y of each corner.
        attributes: what was said of it.
    """

    record: Record
    shape: str
    numbers: tuple[float, ...]
    attributes: dict[str, str]

    @property
    def is_outline(self) -> bool:
        """Whether it says which pixels are the object's own; a rectangle does not."""
        return self.shape not in ("point", "rect")

    def mask(self, size: tuple[int, int]) -> Mask:
        """The pixels of an outline in an image of (height, width).

        Raises:
            DataError: it has no area, or lies far outside the image.
        """
        if self.shape == "polygon":
            return mask_from_coco([list(self.numbers)], size)
        x, y, *axes = self.numbers
        wide, high, turn = (*axes, *axes, 0.0) if self.shape == "circle" else axes
        return ellipse_mask((x, y), (wide, high), turn, size)


def read_region(sheet: Sheet, record: Record, findings: list[Finding]) -> Region | None:
    """The region of a row; None where there is none, or with an error among the findings."""
    drawn = _read_object(sheet, record, SHAPE, findings)
    if not drawn:
        return None
    place, shape = sheet.place(record, SHAPE), drawn.get("name")
    if not isinstance(shape, str) or shape not in (*_NUMBERS, "polygon"):
        findings.append(place.error(f"is a {shape}", _READ, "draw it as one of these"))
        return None
    numbers = _numbers(shape, drawn)
    if numbers is None or not are_finite(numbers):
        expected = f"numbers for {', '.join(_NUMBERS.get(shape, _POLYGON))}"
        findings.append(place.error(f"{_short(record[SHAPE])} can't be", expected, "draw it again"))
        return None
    attributes = read_attributes(sheet, record, ATTRIBUTES, findings)
    return Region(record, shape, tuple(numbers), attributes)


def _numbers(shape: str, drawn: dict[str, Any]) -> list[float] | None:
    if shape == "polygon":
        x, y = (numbers_in(drawn.get(axis)) for axis in _POLYGON)
        if x is None or y is None or len(x) != len(y):
            return None
        return [value for corner in zip(x, y, strict=True) for value in corner]
    found = numbers_in([drawn.get(name) for name in _NUMBERS[shape]])
    if found is not None and shape == "ellipse":
        turn = numbers_in([drawn.get("theta") or 0])
        return None if turn is None else [*found, *turn]
    return found


def read_attributes(
    sheet: Sheet, record: Record, column: str, findings: list[Finding]
) -> dict[str, str]:
    """{attribute: value} of a cell; of boxes the names that are ticked.

    Values that are empty, or stand for a missing one as `nan` and `#N/A` do, are left out.
    """
    found = _read_object(sheet, record, column, findings)
    texts = {name.strip(): _text(value) for name, value in found.items()}
    return {name: text for name, text in texts.items() if name and text}


def _text(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(name for name, ticked in value.items() if ticked is True)
    text = str(value).strip() if isinstance(value, str | int | float) else ""
    return "" if stands_for_nothing(text) or spreadsheet_error(text) else text


def _read_object(
    sheet: Sheet, record: Record, column: str, findings: list[Finding]
) -> dict[str, Any]:
    """The JSON object of a cell; empty for an empty cell, and with a finding."""
    try:
        found = json.loads(record[column] or "{}", parse_int=whole_number)
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return found
    findings.append(
        sheet.place(record, column).error(
            f"{_short(record[column])!r} can't be read",
            "a JSON object, as VIA writes it",
            "export it again",
        )
    )
    return {}


def _short(text: str) -> str:
    return text if len(text) < 80 else f"{text[:76]} ..."
