"""The masks of one image and class compared."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np

from polyclinic.metrics.figure import Values
from polyclinic.metrics.segmentation.masked import Unions
from polyclinic.metrics.segmentation.overlap import pixel_counts
from polyclinic.metrics.segmentation.surface import (
    hausdorff_95,
    mean_surface_distance,
    surface_dice,
    surface_distances,
)
from polyclinic.sample import Spacing

TOLERANCE_MM = 1.0
"""Distance up to which two outlines agree, where the scale is known."""

TOLERANCE_PX = 2.0
"""The same in pixels."""


@dataclass(frozen=True, kw_only=True)
class Outlines:
    """How well the outlines of an image agree, by `EMPTY_CASE_POLICY`; NaN where left out.

    Args:
        hd95: larger 95th percentile of the directed distances.
        distance: mean of the distances of both directions.
        near: share of both outlines within the tolerance.
    """

    hd95: float = math.nan
    distance: float = math.nan
    near: float = math.nan


@dataclass(frozen=True, eq=False, kw_only=True)
class ImageRow:
    """What the comparison of one image and class says.

    Args:
        counts: (3,) shared, annotated and found pixels.
        px: outlines in pixels; NaN where they were not measured.
        mm: outlines in mm; NaN without a known scale.
    """

    counts: Values
    px: Outlines = field(default_factory=Outlines)
    mm: Outlines = field(default_factory=Outlines)


def overlap(unions: Unions) -> ImageRow:
    """Compare the pixels of an image alone."""
    return ImageRow(counts=pixel_counts(unions.true, unions.read))


def compare(unions: Unions, size: tuple[int, int], spacing: Spacing) -> ImageRow:
    """Compare pixels and outlines of an image of (height, width)."""
    counts = pixel_counts(unions.true, unions.read)
    _, annotated, found = counts
    scale = (spacing.row_mm, spacing.column_mm)
    if not annotated and not found:
        return ImageRow(counts=counts)
    if not annotated or not found:
        return ImageRow(
            counts=counts,
            px=_missed(size, (1.0, 1.0)),
            mm=_missed(size, scale) if spacing.known else Outlines(),
        )
    apart = surface_distances(unions.true, unions.read)
    px = _outlines(apart, TOLERANCE_PX)
    if not spacing.known:
        mm = Outlines()
    elif spacing.row_mm == spacing.column_mm:
        mm = _in_square_mm(px, apart, spacing.row_mm)
    else:  # another pixel may be the nearest
        mm = _outlines(surface_distances(unions.true, unions.read, scale), TOLERANCE_MM)
    return ImageRow(counts=counts, px=px, mm=mm)


def _outlines(apart: tuple[Values, Values], tolerance: float) -> Outlines:
    return Outlines(
        hd95=hausdorff_95(*apart),
        distance=mean_surface_distance(*apart),
        near=surface_dice(*apart, tolerance),
    )


def _in_square_mm(px: Outlines, apart: tuple[Values, Values], side: float) -> Outlines:
    there, back = apart
    return Outlines(
        hd95=px.hd95 * side,
        distance=px.distance * side,
        near=surface_dice(there * side, back * side, TOLERANCE_MM),
    )


def _missed(size: tuple[int, int], scale: tuple[float, float]) -> Outlines:
    diagonal = float(np.hypot(size[0] * scale[0], size[1] * scale[1]))
    return Outlines(hd95=diagonal, distance=diagonal, near=0.0)
