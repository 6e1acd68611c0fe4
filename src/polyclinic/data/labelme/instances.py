"""Outlines and groups of points to instances."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from polyclinic.data.coco.annotation import outside
from polyclinic.data.completeness import ObjectsRead
from polyclinic.data.findings import Finding
from polyclinic.data.labelme.names import is_crossing
from polyclinic.data.labelme.shapes import Outline, Part, Point, PointGroup, Shapes
from polyclinic.data.outlines import Box, ellipse_mask, hull_box, placed_mask, united
from polyclinic.errors import DataError
from polyclinic.sample import Instance, Mask
from polyclinic.sample.rle import mask_from_coco
from polyclinic.schema import LandmarkSchema

# Stronger than any number of points inside: a group_id shared in one file is the drawer's word.
_SAME_GROUP = 1000.0


@dataclass(frozen=True, eq=False)
class Drawn:
    """An outlined object in its image; without a mask where it was boxed."""

    outline: Outline
    box: Box
    mask: Mask | None


def match_groups(groups: Sequence[PointGroup], drawn: Sequence[Drawn]) -> dict[int, int]:
    """Outline index of each group that has one: most points inside, one group an outline."""
    if not groups or not drawn:
        return {}
    score = np.array(
        [
            [
                sum(_covers(one, point) for point in group.points.values())
                + _SAME_GROUP * (one.outline.group == group.group)
                for one in drawn
            ]
            for group in groups
        ]
    )
    pairs = zip(*linear_sum_assignment(score, maximize=True), strict=True)
    return {int(row): int(column) for row, column in pairs if score[row, column] > 0}


def _covers(drawn: Drawn, point: Point) -> bool:
    if drawn.mask is None:
        x1, y1, x2, y2 = drawn.box.tolist()
        return bool(x1 <= point[0] <= x2 and y1 <= point[1] <= y2)
    mask = drawn.mask
    column, row = round(point[0]) - mask.left, round(point[1]) - mask.top
    height, width = mask.shape
    return 0 <= row < height and 0 <= column < width and bool(mask.patch[row, column])


MARGIN = 20.0
"""Pixels around the points of an object that nobody outlined, as ANFC's converter has it."""


@dataclass(frozen=True)
class Naming:
    """What labels mean in one data set."""

    category: Mapping[str, int]
    schema: LandmarkSchema | None
    landmark: Mapping[str, int]


def make_instances(
    shapes: Shapes, naming: Naming, size: tuple[int, int]
) -> tuple[tuple[Instance, ...] | None, list[Finding]]:
    """Instances of one image of `size` (height, width), and what was wrong with its shapes.

    A group of points joins the outline that holds most of them; without one it becomes an
    instance without class and mask. A rectangle gives a box and no mask: it is no outline.

    Returns:
        None where a shape, or points that may be an object of their own, can't be read.
    """
    read = ObjectsRead()
    if shapes.lost:
        read.lose(shapes.lost)
    read.add(findings=shapes.lost_points)
    if shapes.lost_points and not shapes.outlines:
        read.lost = True
    drawn = [one for one in (_drawn(outline, size, read) for outline in shapes.outlines) if one]
    of_group = match_groups(shapes.groups, drawn)
    of_outline = {outline: group for group, outline in of_group.items()}
    for index, one in enumerate(drawn):
        group = shapes.groups[of_outline[index]] if index in of_outline else None
        read.add(
            Instance(
                box=one.box,
                category=naming.category[one.outline.label],
                mask=one.mask,
                landmarks=_landmarks(group, naming, size, read.findings),
                extra=_crossing(group),
            )
        )
    for index, group in enumerate(shapes.groups):
        if index not in of_group:
            _unmatched(group, naming, size, read, bool(drawn))
    return read.instances, read.findings


def _drawn(outline: Outline, size: tuple[int, int], read: ObjectsRead) -> Drawn | None:
    """The box of an outline, and its mask where all of its parts are outlines."""
    corners = [one.numbers for one in outline.parts if one.form == "box"]
    try:
        masks = [_mask(one, size) for one in outline.parts if one.form != "box"]
        boxes = [hull_box(numbers, size) for numbers in corners]
    except DataError as error:
        read.lose([outline.place.error(error.what, error.expected)])
        return None
    mask = united(masks) if masks else None
    if mask is not None and not mask.area:
        read.lose([outline.place.error("covers no pixel", "an outline in the image")])
        return None
    boxes += [] if mask is None else [mask.box()]
    edges = np.array(boxes)
    box: Box = np.concatenate([edges[:, :2].min(0), edges[:, 2:].max(0)])
    return Drawn(outline, box, None if corners else mask)


def _mask(part: Part, size: tuple[int, int]) -> Mask:
    """The pixels of a polygon, a circle given by its middle and its edge, or a mask."""
    if part.form == "circle":
        x, y, edge_x, edge_y = part.numbers
        radius = math.hypot(edge_x - x, edge_y - y)
        return ellipse_mask((x, y), (radius, radius), 0.0, size)
    if part.form == "mask":
        return placed_mask(part.picture, part.numbers, size)
    return mask_from_coco([part.numbers], size)


def _landmarks(
    group: PointGroup | None, naming: Naming, size: tuple[int, int], findings: list[Finding]
) -> NDArray[np.float64] | None:
    """(K, 3); None without a named point."""
    if group is None or naming.schema is None:
        return None
    landmarks = np.zeros((len(naming.schema), 3))
    for label, point in group.points.items():
        if label in naming.landmark:
            landmarks[naming.landmark[label]] = (*point, 2)
    beyond = outside(landmarks, size)
    if beyond.any():
        lost = ", ".join(naming.schema.names[row] for row in np.flatnonzero(beyond))
        findings.append(
            group.place.warning(f"outside the image: {lost}", hint="they count as not labelled")
        )
        landmarks[beyond, 2] = 0
    return landmarks if (landmarks[:, 2] > 0).any() else None


def _crossing(group: PointGroup | None) -> dict[str, list[list[float]]]:
    """Where the limbs cross, as further key of the annotation."""
    points = [] if group is None else [list(p) for n, p in group.points.items() if is_crossing(n)]
    return {"crossing": points} if points else {}


def _unmatched(
    group: PointGroup,
    naming: Naming,
    size: tuple[int, int],
    read: ObjectsRead,
    outlined: bool,
) -> None:
    landmarks = _landmarks(group, naming, size, read.findings)
    if outlined:
        read.add(findings=[group.place.warning("its points lie in no outline")])
    if landmarks is None:
        if not all(is_crossing(name) for name in group.points):
            read.lose([group.place.error("none of its points lies in the image")])
        return
    seen = landmarks[landmarks[:, 2] > 0, :2]
    box: Box = np.concatenate([seen.min(0) - MARGIN, seen.max(0) + MARGIN])
    box = np.clip(box, -0.5, np.array([size[1], size[0]] * 2) - 0.5)
    read.add(Instance(box=box, landmarks=landmarks, extra=_crossing(group)))
