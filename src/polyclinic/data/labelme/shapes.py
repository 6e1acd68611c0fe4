"""The shapes of labelme files, sorted into outlines and groups of points.

labelme's coordinates start at the corner of the first pixel; points are moved by half a pixel
to our centres, outlines stay as they are until they are rasterised.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from polyclinic.data.coco.faults.numbers import are_numbers
from polyclinic.data.findings import Finding, Place

Point = tuple[float, float]


@dataclass(frozen=True)
class Outline:
    """The polygons of one object, from the image's corner."""

    label: str
    polygons: list[list[float]]
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
    """Everything drawn on one image."""

    outlines: list[Outline] = field(default_factory=list)
    groups: list[PointGroup] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def sort_shapes(files: list[tuple[Path, dict[str, Any]]]) -> Shapes:
    """Sort the shapes of all files of one image; what can't be used becomes a finding."""
    found = Shapes()
    for path, document in files:
        parts: defaultdict[Any, list[tuple[str, list[float], Place]]] = defaultdict(list)
        points: defaultdict[Any, list[tuple[str, list[float], Place]]] = defaultdict(list)
        shapes = document["shapes"]
        # ANFC's cleaning step marks what is to be kept; without the mark a shape is void.
        marked = any(isinstance(one, dict) and "valid" in one for one in shapes)
        for row, shape in enumerate(shapes):
            place = Place(str(path), f"shape {row}")
            read = _read_shape(shape, place, found.findings)
            if read is None or (marked and not shape.get("valid")):
                continue
            kind, label, numbers = read
            group = shape.get("group_id")
            if kind == "point":
                points[group].append((label, numbers, place))
            else:
                key = (label, ("alone", row) if group is None else group)
                parts[key].append((label, numbers, place))
        _add_outlines(found, parts, str(path))
        _add_groups(found, points, str(path))
    return found


def _read_shape(
    shape: object, place: Place, findings: list[Finding]
) -> tuple[str, str, list[float]] | None:
    if not isinstance(shape, dict) or not isinstance(shape.get("label"), str):
        findings.append(place.error("has no label", "a labelme shape"))
        return None
    kind = shape.get("shape_type") or "polygon"
    points = shape.get("points")
    usable = isinstance(points, list) and all(are_numbers(p) and len(p) == 2 for p in points)
    if not isinstance(points, list) or not usable:
        findings.append(place.error("points can't be read", "[[x, y], ...]"))
        return None
    numbers = [float(value) for point in points for value in point]
    if not all(math.isfinite(value) for value in numbers):
        findings.append(place.error("a coordinate is not finite", "numbers"))
        return None
    if kind == "rectangle" and len(points) == 2:
        x1, y1, x2, y2 = numbers
        return "polygon", shape["label"], [x1, y1, x2, y1, x2, y2, x1, y2]
    needed = {"polygon": 3, "point": 1}.get(kind)
    if needed is None:
        findings.append(place.warning(f"is a {kind}", "a polygon, rectangle or point", "left out"))
        return None
    if len(points) < needed:
        findings.append(place.error(f"a {kind} of {len(points)} points", f"at least {needed}"))
        return None
    return kind, shape["label"], numbers


def _add_outlines(
    found: Shapes, parts: dict[Any, list[tuple[str, list[float], Place]]], file: str
) -> None:
    for (label, group), pieces in parts.items():
        alone = isinstance(group, tuple)
        found.outlines.append(
            Outline(
                label,
                [numbers for _, numbers, _ in pieces],
                pieces[0][2],
                None if alone else (file, group),
            )
        )


def _add_groups(
    found: Shapes, points: dict[Any, list[tuple[str, list[float], Place]]], file: str
) -> None:
    for group, named in points.items():
        labels = [label for label, _, _ in named]
        place = Place(file, f"group {group}")
        if group is None:
            found.findings.append(
                place.error(
                    f"{len(named)} points without group_id",
                    "one group_id for the points of one object",
                )
            )
            continue
        doubled = sorted({label for label in labels if labels.count(label) > 1})
        if doubled:
            found.findings.append(
                place.error(f"{', '.join(doubled)} twice in one group", "each label once")
            )
            continue
        moved = {label: (xy[0] - 0.5, xy[1] - 0.5) for label, xy, _ in named}
        found.groups.append(PointGroup(moved, place, (file, group)))
