"""Size and shape of regions: one mask a class, such as a head, a disc or a lesion."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple, get_args

import numpy as np

from polyclinic.measure.ellipse import Ellipse
from polyclinic.measure.loop_measurements import UNKNOWN_SCALE
from polyclinic.reading import Measurement, Reading, Unit
from polyclinic.sample import Mask, Spacing

Shape = Literal["area", "circumference", "major_axis", "minor_axis"]
SHAPES: tuple[Shape, ...] = get_args(Shape)

NOT_FOUND = "region-not-found"
NO_MASK = "no-mask"
AT_EDGE = "touches-image-edge"
NOT_ELLIPTIC = "not-elliptic"
LEAST_OVERLAP = 0.9
"""A region that overlaps its ellipse by less (intersection over union) is no ellipse."""

_MOMENTS = "the ellipse with the second moments of the region"


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


def measure_regions(reading: Reading, shapes: Sequence[Shape] = SHAPES) -> tuple[Measurement, ...]:
    """Measure every region of a reading, class by class: `<class>_<quantity>`.

    In mm and mm2 where the scale is known, else in px and px2, flagged. A class that the reader
    did not find is there with the reason instead of a value.

    Args:
        reading: without instances (None) nothing is measured.
        shapes: which quantities.
    """
    if reading.instances is None:
        return ()
    measured: list[Measurement] = []
    for category, name in enumerate(reading.classes):
        rows = [i for i, one in enumerate(reading.instances) if one.category == category]
        for row in rows:
            mask = reading.instances[row].mask
            measured += measure_region(name, mask, reading.spacing, shapes, row=row)
        if not rows:
            measured += [_missing(name, shape, reading.spacing, NOT_FOUND) for shape in shapes]
    return tuple(measured)


def measure_region(
    name: str,
    mask: Mask | None,
    spacing: Spacing,
    shapes: Sequence[Shape] = SHAPES,
    *,
    row: int | None = None,
) -> list[Measurement]:
    """Measure one region, found or annotated.

    Args:
        name: of its class, the first word of the quantities.
        mask: its pixels; None or empty gives rows without a value.
        spacing: size of a pixel; rows and columns may differ.
        shapes: which quantities.
        row: of the instance in its reading.
    """
    if mask is None or not mask.area:
        return [_missing(name, shape, spacing, NO_MASK, row) for shape in shapes]
    ellipse = Ellipse.of_mask(mask)
    values = _values(ellipse, mask, spacing)
    general = (
        *((AT_EDGE,) if _touches_edge(mask) else ()),
        *(() if spacing.known else (UNKNOWN_SCALE,)),
    )
    elliptic = ellipse.overlap(mask) >= LEAST_OVERLAP
    measured = []
    for shape in shapes:
        definition = DEFINITIONS[shape]
        doubt = () if elliptic or definition.area else (NOT_ELLIPTIC,)
        measured.append(
            Measurement(
                name=measurement_name(name, shape),
                value=values[shape],
                unit=_unit(shape, spacing),
                formula=definition.formula,
                source=definition.source,
                scale_source=spacing.origin,
                instance=row,
                flags=(*doubt, *general),
            )
        )
    return measured


def measurement_name(name: str, shape: Shape) -> str:
    """`head` and `circumference` become `head_circumference`; spaces become underscores."""
    return f"{'_'.join(name.split())}_{shape}"


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


def _missing(
    name: str, shape: Shape, spacing: Spacing, reason: str, row: int | None = None
) -> Measurement:
    definition = DEFINITIONS[shape]
    return Measurement(
        name=measurement_name(name, shape),
        value=None,
        unit=_unit(shape, spacing),
        formula=definition.formula,
        source=definition.source,
        scale_source=spacing.origin,
        instance=row,
        flags=(reason,),
    )
