"""The shapes of labelme files, sorted into outlines and groups of points.

labelme's coordinates start at the corner of the first pixel; points are moved by half a pixel
to our centres, outlines stay as they are until they are rasterised.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from polyclinic.data.completeness import not_annotated
from polyclinic.data.findings import Finding, Place
from polyclinic.data.tables.numbers import numbers_in

Point = tuple[float, float]
Form = Literal["polygon", "box", "circle", "mask", "point"]

_FORMS: dict[str, tuple[Form, tuple[int, ...]]] = {
    "rectangle": ("box", (2, 4)),
    "rotation": ("box", (4,)),
    "oriented_rectangle": ("box", (4,)),
    "circle": ("circle", (2,)),
    "mask": ("mask", (2,)),
    "point": ("point", (1,)),
}
"""Forms by the number of their points; X-AnyLabeling gives rectangles four, straight or turned."""

_POLYGONS = ("polygon", "quadrilateral")
_READ = "a polygon, rectangle, circle, mask or point"


@dataclass(frozen=True)
class Part:
    """One shape, from the image's corner.

    Args:
        form: what it is.
        numbers: x, y of its points.
        picture: of a mask.
    """

    form: Form
    numbers: list[float]
    picture: object = None


@dataclass(frozen=True)
class Outline:
    """The shapes of one object."""

    label: str
    parts: list[Part]
    place: Place
    group: tuple[str, Any] | None


@dataclass(frozen=True)
class PointGroup:
    """The named points of one object; pixel centres at integers."""

    points: dict[str, Point]
    place: Place
    group: tuple[str, Any]


@dataclass
class Shapes:
    """Everything drawn on one image.

    Args:
        outlines: the objects that somebody drew around.
        groups: points that belong together.
        lost: what is said of the shapes that may each be an object and can't be read.
        lost_points: what is said of points that can't be read.
    """

    outlines: list[Outline] = field(default_factory=list)
    groups: list[PointGroup] = field(default_factory=list)
    lost: list[Finding] = field(default_factory=list)
    lost_points: list[Finding] = field(default_factory=list)


_Named = tuple[str, Part, Place]


def sort_shapes(files: list[tuple[Path, dict[str, Any]]]) -> Shapes:
    """Sort the shapes of all files of one image; what can't be used becomes a finding."""
    found = Shapes()
    for path, document in files:
        parts: defaultdict[Any, list[_Named]] = defaultdict(list)
        points: defaultdict[Any, list[_Named]] = defaultdict(list)
        shapes = document["shapes"]
        # ANFC's cleaning step marks what is to be kept; without the mark a shape is void.
        marked = any(isinstance(one, dict) and "valid" in one for one in shapes)
        for row, shape in enumerate(shapes):
            if marked and isinstance(shape, dict) and not shape.get("valid"):
                continue
            place = Place(str(path), f"shape {row}")
            read = _read_shape(shape, place)
            if isinstance(read, Finding):
                is_point = isinstance(shape, dict) and shape.get("shape_type") == "point"
                (found.lost_points if is_point else found.lost).append(read)
                continue
            label, part = read
            group = shape.get("group_id")
            if part.form == "point":
                points[group].append((label, part, place))
            else:
                key = (label, ("alone", row) if group is None else group)
                parts[key].append((label, part, place))
        _add_outlines(found, parts, str(path))
        _add_groups(found, points, str(path))
    found.lost = not_annotated(found.lost, "instances")
    found.lost_points = not_annotated(found.lost_points, "landmarks")
    return found


def _read_shape(shape: object, place: Place) -> tuple[str, Part] | Finding:
    """The label of a shape and what was drawn, or why it can't be read."""
    if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
        return place.error("has no label", "a labelme shape")
    kind = shape.get("shape_type") or "polygon"
    numbers = _coordinates(shape.get("points"))
    if numbers is None:
        return place.error("points can't be read", "[[x, y], ...]")
    if not all(math.isfinite(value) for value in numbers):
        return place.error("a coordinate is not finite", "numbers")
    points = len(numbers) // 2
    if kind in _POLYGONS:
        if points < 3:
            return place.error(f"a {kind} of {points} points", "at least 3")
        return shape["label"], Part("polygon", numbers)
    if not isinstance(kind, str) or kind not in _FORMS:
        return place.error(f"is a {kind}", _READ, "draw it as one of these, or remove it")
    form, expected = _FORMS[kind]
    if points not in expected:
        return place.error(f"a {kind} of {points} points", " or ".join(map(str, expected)))
    return shape["label"], Part(form, numbers, shape.get("mask"))


def _coordinates(points: object) -> list[float] | None:
    """x, y, x, y, ... of [[x, y], ...], or of a list that is flat already."""
    if not isinstance(points, list):
        return None
    if points and all(isinstance(point, list) for point in points):
        pairs = [numbers_in(point) for point in points]
        if any(pair is None or len(pair) != 2 for pair in pairs):
            return None
        return [value for pair in pairs for value in pair or ()]
    flat = numbers_in(points)
    return None if flat is None or len(flat) % 2 else flat


def _add_outlines(found: Shapes, parts: dict[Any, list[_Named]], file: str) -> None:
    for (label, group), pieces in parts.items():
        alone = isinstance(group, tuple)
        found.outlines.append(
            Outline(
                label,
                [part for _, part, _ in pieces],
                pieces[0][2],
                None if alone else (file, group),
            )
        )


def _add_groups(found: Shapes, points: dict[Any, list[_Named]], file: str) -> None:
    """Points of one `group_id`; those without any are of one object, if each name is there once."""
    for group, named in points.items():
        place = Place(file, f"group {group}")
        doubled = _doubled([label for label, _, _ in named])
        if doubled:
            found.lost_points.append(
                place.error(
                    f"{', '.join(doubled)} twice in one group"
                    if group is not None
                    else f"{len(named)} points without group_id, {', '.join(doubled)} twice",
                    "each label once, and one group_id for the points of one object",
                )
            )
            continue
        moved = {label: (part.numbers[0] - 0.5, part.numbers[1] - 0.5) for label, part, _ in named}
        found.groups.append(PointGroup(moved, place, (file, group)))


def _doubled(labels: Sequence[str]) -> list[str]:
    return sorted({label for label in labels if labels.count(label) > 1})
