"""The regions of one object in the cells of our tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from polyclinic.data.findings import Finding
from polyclinic.data.tables.columns import BOX, Columns, PointColumns
from polyclinic.data.tables.sheet import Sheet
from polyclinic.data.via.names import OBJECT, Naming, object_key
from polyclinic.data.via.regions import ATTRIBUTES, Region

Cells = dict[str, str]

_CLASS = "class of the region"


def objects_of(regions: Sequence[Region]) -> list[list[Region]]:
    """The regions of an image by the object that they belong to.

    Regions with the same `OBJECT` attributes are of one object. Where nothing but the class tells
    them apart, each rectangle and each outline is an object of its own: two cells are of one class.
    """
    alike: defaultdict[tuple[str, ...], list[Region]] = defaultdict(list)
    for region in regions:
        alike[object_key(region)].append(region)
    found = []
    for (numbered, *_), parts in alike.items():
        apart = not numbered and all(one.shape != "point" for one in parts)
        found += [[one] for one in parts] if apart else [parts]
    return found


def object_cells(
    sheet: Sheet, parts: Sequence[Region], naming: Naming, findings: list[Finding]
) -> Cells | None:
    """The cells of an object, those of its outlines apart.

    Args:
        sheet: where the regions stand.
        parts: the regions of the object.
        naming: what they call things.
        findings: what is wrong with a region is added here.

    Returns:
        None where a point has no name, or the object has two points of one name, two rectangles,
        or outlines that are not said to be its parts.
    """
    cells: Cells = {}
    outlines = 0
    for part in parts:
        outlines += part.is_outline
        new = _new_cells(sheet, part, naming, findings)
        if new is None:
            return None
        doubled = part.is_outline and outlines > 1 and not object_key(part)[0]
        if doubled or cells.keys() & new.keys():
            kinds = {"rect": "rectangle", "point": repr(naming.landmark(part))}
            findings.append(
                sheet.place(part.record).error(
                    f"is a second {kinds.get(part.shape, 'outline')} of one object",
                    "each landmark once, and one rectangle at most",
                    f"tell objects apart by an attribute {OBJECT[0]!r}",
                )
            )
            return None
        cells |= new
    for part in parts:
        if part.shape != "point":
            cells |= {_label(name): text for name, text in naming.labels(part).items()}
    return cells | {_CLASS: naming.class_of(parts[0])}


def _new_cells(sheet: Sheet, part: Region, naming: Naming, findings: list[Finding]) -> Cells | None:
    if part.is_outline:
        return {}
    return _box(part) if part.shape == "rect" else _point(sheet, part, naming, findings)


def object_columns(regions: Sequence[Region], naming: Naming) -> Columns:
    """What the cells of all objects mean."""
    drawn = [one for one in regions if one.shape != "point"]
    boxed = any(one.shape == "rect" for one in drawn)
    known = {name: _edge(name) for name in BOX} if boxed else {}
    if any(naming.class_of(one) for one in regions):
        known["class"] = _CLASS
    labels = dict.fromkeys(name for one in drawn for name in naming.labels(one))
    points = tuple(
        PointColumns(name, _axis("x", name), _axis("y", name)) for name in naming.landmarks
    )
    outlined = any(one.is_outline for one in drawn)
    return Columns(known, points, {name: _label(name) for name in labels}, outlined=outlined)


def _box(rectangle: Region) -> Cells:
    x, y, width, height = rectangle.numbers
    edges = zip(BOX, (x, y, x + width, y + height), strict=True)
    return {_edge(name): repr(value) for name, value in edges}


def _point(sheet: Sheet, point: Region, naming: Naming, findings: list[Finding]) -> Cells | None:
    name = naming.landmark(point)
    if not name:
        place = sheet.place(point.record, ATTRIBUTES)
        findings.append(place.error("names no landmark", repr(naming.attribute), "name it in VIA"))
        return None
    return {_axis(axis, name): repr(value) for axis, value in zip("xy", point.numbers, strict=True)}


def _axis(axis: str, name: str) -> str:
    return f"c{axis} of {name}"


def _edge(name: str) -> str:
    return f"{name} of the rect"


def _label(name: str) -> str:
    return f"{ATTRIBUTES}: {name}"
