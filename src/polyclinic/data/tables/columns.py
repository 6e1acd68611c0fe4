"""What the columns of a table mean."""

from __future__ import annotations

import difflib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from polyclinic.data.coco.image import DEMOGRAPHICS, IDENTITY
from polyclinic.data.findings import Finding
from polyclinic.data.tables.sheet import Sheet

SPACING = ("spacing_mm", "spacing_row_mm", "spacing_column_mm")
BOX = ("x1", "y1", "x2", "y2")
TEXTS = (*IDENTITY, *DEMOGRAPHICS, "spacing_source", "split")
_OF_IMAGE = ("image", *TEXTS, *SPACING, "width", "height")
PARTNER = "sharp_image"
QUALITY = "quality"
RATER = "rater"
_OF_OBJECT = ("class",)
_OBJECT = (*BOX, "mask")
_POINT = re.compile(r"(.+)_([xyv])", re.IGNORECASE)
_OF_LABEL = "object."
_SIMILAR = 0.85
_SPELLED_OUT = {"file_name", "filename", "file", "path", "image_path", "image_file", "image_id"}


@dataclass(frozen=True)
class PointColumns:
    """Columns of one landmark: pixel indices, and visibility where there is such a column."""

    name: str
    x: str
    y: str
    visibility: str | None = None


@dataclass(frozen=True)
class Columns:
    """Which column of a table holds what.

    Args:
        known: column name in the file of each known column that the table has.
        points: columns of each landmark, in order.
        object_labels: column of each label of the row's object, by the name of the label.
        labels: all other columns.
        outlined: whether objects have outlines that stand in no cell.
    """

    known: dict[str, str]
    points: tuple[PointColumns, ...] = ()
    object_labels: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ()
    outlined: bool = False

    @property
    def hold_objects(self) -> bool:
        """Whether there are landmarks, boxes or masks."""
        if self.outlined or self.points:
            return True
        return any(name in self.known for name in _OBJECT)

    @property
    def paths(self) -> list[str]:
        """The columns that name files, in which every letter counts."""
        return [self.known[name] for name in ("image", "mask", PARTNER) if name in self.known]

    @property
    def numeric(self) -> list[str]:
        """The columns in which nothing but numbers may stand."""
        named = (*SPACING, *BOX, "width", "height")
        points = [column for one in self.points for column in (one.x, one.y, one.visibility)]
        return [*(self.known[name] for name in named if name in self.known), *filter(None, points)]


def sort_columns(sheet: Sheet) -> tuple[Columns, list[Finding]]:
    """Tell the columns of a table apart by their names; capitals and spaces do not matter."""
    spelled: defaultdict[str, list[str]] = defaultdict(list)
    for name in dict.fromkeys(sheet.columns):
        spelled[_plain(name)].append(name)
    findings = [
        sheet.place(column=names[0]).error(
            f"also stands there as {' and '.join(map(repr, names[1:]))}",
            "one spelling of a column",
            "remove or rename one of them",
        )
        for names in spelled.values()
        if len(names) > 1
    ]
    of_object = _object_labels(sheet.columns)
    points, half = _points(tuple(one for one in sheet.columns if one not in of_object.values()))
    taken = {name for one in points for name in (one.x, one.y, one.visibility)}
    known = {
        name: spelled[_plain(name)][0]
        for name in (*_OF_IMAGE, PARTNER, RATER, *_OF_OBJECT, *_OBJECT)
        if _plain(name) in spelled
    }
    columns = Columns(known, tuple(points), of_object)
    if not columns.hold_objects:
        # A table without objects may well have a label of that name.
        known = {key: name for key, name in known.items() if key not in _OF_OBJECT}
    taken |= {*known.values(), *of_object.values()}
    labels = [one for one in sheet.columns if one not in taken]
    findings += [*_missing(known, sheet), *_half_points(half, sheet), *_similar(labels, sheet)]
    findings += _without_object(columns, sheet)
    return replace(columns, known=known, labels=tuple(labels)), findings


def known_columns(names: Iterable[str]) -> dict[str, str]:
    """{key of an image: the column that holds it} of those that are there, however spelled."""
    spelled = {_plain(name): name for name in names}
    return {name: spelled[_plain(name)] for name in _OF_IMAGE if _plain(name) in spelled}


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name.casefold())


def _object_labels(names: tuple[str, ...]) -> dict[str, str]:
    """{label: column} of the columns `object.NAME`."""
    named = [one for one in names if one.casefold().startswith(_OF_LABEL)]
    return {one[len(_OF_LABEL) :].strip(): one for one in named}


def _points(names: tuple[str, ...]) -> tuple[list[PointColumns], dict[str, str]]:
    """Landmarks with both coordinates, and {column: its missing partner} of the others."""
    ends: defaultdict[str, dict[str, str]] = defaultdict(dict)
    for name in names:
        match = _POINT.fullmatch(name)
        if match:
            ends[match[1]].setdefault(match[2].lower(), name)
    points, half = [], {}
    for name, found in ends.items():
        if "x" in found and "y" in found:
            points.append(PointColumns(name, found["x"], found["y"], found.get("v")))
        elif "x" in found or "y" in found:
            missing = "y" if "x" in found else "x"
            half[next(iter(found.values()))] = f"{name}_{missing}"
    return points, half


def _missing(known: dict[str, str], sheet: Sheet) -> Iterator[Finding]:
    if "image" not in known:
        other = next((name for name in sheet.columns if name.casefold() in _SPELLED_OUT), None)
        yield sheet.place().error(
            "has no column 'image'",
            "the path of each image, seen from the table",
            f"rename the column {other!r}" if other else "add it",
        )
    box = [name for name in BOX if name in known]
    if box and len(box) < len(BOX):
        lost = ", ".join(repr(name) for name in BOX if name not in known)
        yield sheet.place().error(f"has no column {lost}", "x1, y1, x2, y2 of each box")
    sides = [name for name in SPACING[1:] if name in known]
    if len(sides) == 1 or (sides and "spacing_mm" in known):
        yield sheet.place().error(
            f"has {' and '.join(name for name in SPACING if name in known)}",
            "spacing_mm alone, or spacing_row_mm and spacing_column_mm",
        )


def _half_points(half: dict[str, str], sheet: Sheet) -> Iterator[Finding]:
    for name, partner in half.items():
        yield sheet.place(column=name).error(
            f"has no partner {partner!r}",
            "x and y of each landmark",
            f"add {partner!r}, or rename the column if it is a label",
        )


def _without_object(columns: Columns, sheet: Sheet) -> Iterator[Finding]:
    for name, column in columns.object_labels.items():
        if not name:
            yield sheet.place(column=column).error("names no label", "object.NAME, as object.grade")
        elif not columns.hold_objects:
            yield sheet.place(column=column).error(
                "is a label of an object, but no column holds objects",
                "columns of landmarks, boxes or masks",
                f"name the column {name!r} if it is a label of the whole image",
            )


def _similar(labels: list[str], sheet: Sheet) -> Iterator[Finding]:
    known = {_plain(name): name for name in (*_OF_IMAGE, PARTNER, QUALITY)}
    for name in labels:
        if name == QUALITY:
            continue
        close = difflib.get_close_matches(_plain(name), known, n=1, cutoff=_SIMILAR)
        if close:
            yield sheet.place(column=name).warning(
                "counts as a label", hint=f"is {known[close[0]]!r} meant? rename it then"
            )
