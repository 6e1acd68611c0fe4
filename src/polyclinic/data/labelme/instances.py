"""Outlines and groups of points to instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.coco.annotation import outside
from polyclinic.data.findings import Finding
from polyclinic.data.labelme.match import match_groups
from polyclinic.data.labelme.names import is_crossing
from polyclinic.data.labelme.shapes import Outline, PointGroup, Shapes
from polyclinic.errors import DataError
from polyclinic.sample import Instance, Mask
from polyclinic.sample.rle import mask_from_coco
from polyclinic.schema import LandmarkSchema

MARGIN = 20.0
"""Pixels around the points of an object that nobody outlined, as ANFC's converter has it."""

Box = NDArray[np.float64]


@dataclass(frozen=True)
class Naming:
    """What labels mean in one data set."""

    category: Mapping[str, int]
    schema: LandmarkSchema | None
    landmark: Mapping[str, int]


def make_instances(
    shapes: Shapes, naming: Naming, size: tuple[int, int]
) -> tuple[tuple[Instance, ...], list[Finding]]:
    """Instances of one image of `size` (height, width), and what was wrong with its shapes.

    A group of points joins the outline that holds most of them; without one it becomes an
    instance without class and mask.
    """
    findings: list[Finding] = []
    outlines, masks = _rasterised(shapes.outlines, size, findings)
    of_group = match_groups(shapes.groups, outlines, masks)
    of_outline = {outline: group for group, outline in of_group.items()}
    instances = []
    for index, (outline, mask) in enumerate(zip(outlines, masks, strict=True)):
        group = shapes.groups[of_outline[index]] if index in of_outline else None
        instances.append(
            Instance(
                box=mask.box(),
                category=naming.category[outline.label],
                mask=mask,
                landmarks=_landmarks(group, naming, size, findings),
                extra=_crossing(group),
            )
        )
    for index, group in enumerate(shapes.groups):
        if index not in of_group:
            instances += _unmatched(group, naming, size, findings, bool(outlines))
    return tuple(instances), findings


def _rasterised(
    outlines: list[Outline], size: tuple[int, int], findings: list[Finding]
) -> tuple[list[Outline], list[Mask]]:
    kept, masks = [], []
    for outline in outlines:
        try:
            mask = mask_from_coco(list(outline.polygons), size)
        except DataError as error:
            findings.append(outline.place.error(error.what, error.expected))
            continue
        if mask.area:
            kept.append(outline)
            masks.append(mask)
        else:
            findings.append(outline.place.error("covers no pixel", "an outline in the image"))
    return kept, masks


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
    findings: list[Finding],
    outlined: bool,
) -> list[Instance]:
    landmarks = _landmarks(group, naming, size, findings)
    if outlined:
        findings.append(group.place.warning("its points lie in no outline"))
    if landmarks is None:
        return []
    seen = landmarks[landmarks[:, 2] > 0, :2]
    box: Box = np.concatenate([seen.min(0) - MARGIN, seen.max(0) + MARGIN])
    box = np.clip(box, -0.5, np.array([size[1], size[0]] * 2) - 0.5)
    return [Instance(box=box, landmarks=landmarks, extra=_crossing(group))]
