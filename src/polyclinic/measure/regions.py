"""Size and shape of regions: one mask a class, such as a head, a disc or a lesion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, NamedTuple, get_args

import cv2
import numpy as np

from polyclinic.measure.ellipse import Ellipse
from polyclinic.measure.length import UNKNOWN_SCALE
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import REFUSED, Measurement, Reading, Unit
from polyclinic.sample import Mask, Spacing

Shape = Literal["area", "circumference", "major_axis", "minor_axis"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

NOT_FOUND = "region-not-found"
NO_MASK = "no-mask"
AT_EDGE = "touches-image-edge"
NOT_ELLIPTIC = "not-elliptic"
STRAY_PARTS = "stray-parts"
SEVERAL_PARTS = "several-parts"
LEAST_OVERLAP = 0.9
"""A region that overlaps its ellipse by less (intersection over union) is no ellipse."""
MOST_STRAY = 0.05
"""Share of a region that may lie apart from its largest part and be left out of its shape."""

_MOMENTS = "the ellipse with the second moments of the region without stray parts"


class _Definition(NamedTuple):
    formula: str
    source: str
    area: bool = False


DEFINITIONS: dict[Shape, _Definition] = {
    "area": _Definition("pixels of the region times the size of a pixel", "", area=True),
    "circumference": _Definition(
        f"perimeter of {_MOMENTS}, by Ramanujan's second formula",
        "circumference of an ellipse: van den Heuvel et al., PLoS ONE 13(8):e0200412, 2018",
    ),
    "major_axis": _Definition(f"longest diameter of {_MOMENTS}", "this package"),
    "minor_axis": _Definition(f"shortest diameter of {_MOMENTS}", "this package"),
}
"""How each quantity is made."""


class RegionMeasurer(Measurer):
    """Sizes and shapes of regions, see `measure_regions`."""

    shapes: tuple[Shape, ...] = SHAPES

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Area, circumference and axes of each class's region."""
        return measure_regions(reading, self.shapes)


def measure_regions(reading: Reading, shapes: Sequence[Shape] = SHAPES) -> tuple[Measurement, ...]:
    """Measure the region of each class of a reading: `<class>_<quantity>`.

    All objects of a class are one region, so the quantities are those of the image. In mm and mm2
    where the scale is known, else in px and px2, flagged. A class that was not found is there
    with the reason instead of a value: a region that a reader missed is not left out of its error.
    A class that the reader was never taught is not measured, a region with a refused object in it
    is refused.

    A few pixels far off move second moments as much as many nearby ones do. So what lies apart
    from the largest part of a region counts in its area alone where that is a twentieth of the
    region or less (`stray-parts`), and in its shape as well where it is more (`several-parts`).

    Args:
        reading: without instances (None) nothing is measured.
        shapes: which quantities.
    """
    if reading.instances is None:
        return ()
    measured: list[Measurement] = []
    not_read = reading.not_read.get("classes", ())
    for category, name in enumerate(reading.classes):
        if name in not_read:
            continue
        objects = [one for one in reading.instances if one.category == category]
        region = _united([one.mask for one in objects]) if objects else NOT_FOUND
        rows = measure_region(name, region, reading.spacing, shapes)
        refused = (REFUSED,) if any(one.refused for one in objects) else ()
        measured += [replace(row, flags=(*row.flags, *refused)) for row in rows]
    return tuple(measured)


def measure_region(
    name: str,
    mask: Mask | str,
    spacing: Spacing,
    shapes: Sequence[Shape] = SHAPES,
) -> list[Measurement]:
    """Measure one region, found or annotated.

    Args:
        name: of its class, the first word of the quantities.
        mask: its pixels, at least one; or the reason why there is no region.
        spacing: size of a pixel; rows and columns may differ.
        shapes: which quantities.
    """
    if isinstance(mask, str):
        return [_row(name, shape, None, spacing, (mask,)) for shape in shapes]
    body, parted = _without_strays(mask)
    ellipse = Ellipse.of_mask(body)
    values = _values(ellipse, mask, spacing)
    general = (
        *((AT_EDGE,) if _touches_edge(mask) else ()),
        *parted,
        *(() if spacing.known else (UNKNOWN_SCALE,)),
    )
    doubt = () if ellipse.overlap(body) >= LEAST_OVERLAP else (NOT_ELLIPTIC,)
    return [
        _row(
            name,
            shape,
            values[shape],
            spacing,
            (*(() if DEFINITIONS[shape].area else doubt), *general),
        )
        for shape in shapes
    ]


def measurement_name(name: str, shape: Shape) -> str:
    """`head` and `circumference` become `head_circumference`; spaces become underscores."""
    return f"{'_'.join(name.split())}_{shape}"


def _united(masks: Sequence[Mask | None]) -> Mask | str:
    """All masks of a class as one, or why that can't be."""
    known = [mask for mask in masks if mask is not None and mask.area]
    if len(known) < len(masks):
        return NO_MASK
    first, *others = known
    if not others:
        return first
    return Mask.from_array(np.logical_or.reduce([mask.array() for mask in known]))


def _without_strays(mask: Mask) -> tuple[Mask, tuple[str, ...]]:
    """The mask whose shape is measured, and a flag where the region has several parts."""
    patch = mask.patch
    labels, parts = cv2.connectedComponents(patch.view(np.uint8), connectivity=8)
    if labels <= 2:
        return mask, ()
    areas = np.bincount(parts.ravel())[1:]
    if areas.sum() - areas.max() > MOST_STRAY * areas.sum():
        return mask, (SEVERAL_PARTS,)
    return Mask(parts == 1 + areas.argmax(), mask.left, mask.top, mask.size), (STRAY_PARTS,)


def _values(ellipse: Ellipse, mask: Mask, spacing: Spacing) -> dict[Shape, float]:
    x, y = (spacing.column_mm, spacing.row_mm) if spacing.known else (1.0, 1.0)
    physical = ellipse.scaled(x, y)
    major, minor = physical.semi_axes
    return {
        "area": mask.area * x * y,
        "circumference": physical.circumference,
        "major_axis": 2 * major,
        "minor_axis": 2 * minor,
    }


def _touches_edge(mask: Mask) -> bool:
    """Whether the region reaches the image's border, so that a part of it may be missing."""
    height, width = mask.size
    x1, y1, x2, y2 = mask.box()
    return bool(np.any([x1 <= -0.5, y1 <= -0.5, x2 >= width - 0.5, y2 >= height - 0.5]))


def _unit(shape: Shape, spacing: Spacing) -> Unit:
    if DEFINITIONS[shape].area:
        return "mm2" if spacing.known else "px2"
    return "mm" if spacing.known else "px"


def _row(
    name: str, shape: Shape, value: float | None, spacing: Spacing, flags: tuple[str, ...]
) -> Measurement:
    definition = DEFINITIONS[shape]
    return Measurement(
        name=measurement_name(name, shape),
        value=value,
        unit=_unit(shape, spacing),
        formula=definition.formula,
        source=definition.source,
        scale_source=spacing.origin,
        flags=flags,
    )
