"""The regions of one object in the cells of our tables."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import BOX, Columns, PointColumns
from polyclinic.data.tables.sheet import Sheet
from polyclinic.data.via.names import OBJECT, Naming
from polyclinic.data.via.regions import ATTRIBUTES, Region

Cells = dict[str, str]

_CLASS = "class of the region"


def object_cells(
    sheet: Sheet, parts: Sequence[Region], naming: Naming, findings: list[Finding]
) -> Cells:
    """The cells of an object.

    Args:
        sheet: where the regions stand.
        parts: the regions of the object.
        naming: what they call things.
        findings: what is wrong with a region is added here; none of an object with two points of
            one name, or two rectangles, is kept.
    """
    cells: Cells = {}
    for part in parts:
        new = _box(part) if part.shape == "rect" else _point(sheet, part, naming, findings)
        if cells.keys() & new.keys():
            what = "rectangle" if part.shape == "rect" else repr(naming.landmark(part))
            findings.append(
                sheet.place(part.record).error(
                    f"is a second {what} of one object",
                    "each landmark once, and one rectangle at most",
                    f"tell objects apart by an attribute {OBJECT[0]!r}; this one is left out",
                )
            )
            return {}
        cells |= new
    for part in parts:
        if part.shape == "rect":
            cells |= {_label(name): text for name, text in naming.labels(part).items()}
    return cells | {_CLASS: naming.class_of(parts[0])} if cells else {}


def object_columns(regions: Sequence[Region], naming: Naming) -> Columns:
    """What the cells of all objects mean."""
    rectangles = [one for one in regions if one.shape == "rect"]
    known = {name: _edge(name) for name in BOX} if rectangles else {}
    if any(naming.class_of(one) for one in regions):
        known["class"] = _CLASS
    labels = dict.fromkeys(name for one in rectangles for name in naming.labels(one))
    points = tuple(
        PointColumns(name, _axis("x", name), _axis("y", name)) for name in naming.landmarks
    )
    return Columns(known, points, {name: _label(name) for name in labels})


def _box(rectangle: Region) -> Cells:
    x, y, width, height = rectangle.numbers
    edges = zip(BOX, (x, y, x + width, y + height), strict=True)
    return {_edge(name): repr(value) for name, value in edges}


def _point(sheet: Sheet, point: Region, naming: Naming, findings: list[Finding]) -> Cells:
    name = naming.landmark(point)
    if not name:
        place = sheet.place(point.record, ATTRIBUTES)
        findings.append(place.error("names no landmark", repr(naming.attribute), "it is left out"))
        return {}
    return {_axis(axis, name): repr(value) for axis, value in zip("xy", point.numbers, strict=True)}


def _axis(axis: str, name: str) -> str:
    return f"c{axis} of {name}"


def _edge(name: str) -> str:
    return f"{name} of the rect"


def _label(name: str) -> str:
    return f"{ATTRIBUTES}: {name}"
