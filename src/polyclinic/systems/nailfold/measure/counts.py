"""How many instances of each class and of each size an image holds."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.measure.length import UNKNOWN_SCALE
from polyclinic.reading import REFUSED, Measurement, Reading
from polyclinic.sample import Instance, Spacing
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.loop import Loop

SIZE_RULE = "largest of the apical and limb diameters"
NONE_MEASURABLE = "loops-not-measurable"
SOME_NOT_MEASURABLE = "some-loops-not-measurable"
SOME_REFUSED = "some-loops-refused"


def class_counts(reading: Reading, accepted: Sequence[Instance]) -> list[Measurement]:
    """`count_<class>` for every class of the reading, and `count` over all of them."""
    counts = [Measurement(name="count", value=float(len(accepted)), unit="count")]
    for index, name in enumerate(reading.classes):
        number = sum(one.category == index for one in accepted)
        counts.append(Measurement(name=f"count_{name}", value=float(number), unit="count"))
    return counts


def loop_sizes_um(loops: Sequence[Loop], spacing: Spacing) -> list[float]:
    """Largest diameter of each loop that could be measured and is not refused.

    Empty where the scale is unknown.
    """
    if not spacing.known:
        return []
    sizes = (loop.largest_um(spacing) for loop in loops if not loop.refused)
    return [size for size in sizes if size is not None]


def left_out(loops: Sequence[Loop], spacing: Spacing) -> tuple[str, ...]:
    """Why the size of some or of all loops has no part in what is made of sizes."""
    if loops and not spacing.known:
        return (UNKNOWN_SCALE,)
    refused = sum(loop.refused for loop in loops)
    measured = len(loop_sizes_um(loops, spacing))
    if loops and not measured:
        return (REFUSED,) if refused == len(loops) else (NONE_MEASURABLE,)
    return (
        *((SOME_REFUSED,) if refused else ()),
        *((SOME_NOT_MEASURABLE,) if measured + refused < len(loops) else ()),
    )


def size_counts(
    loops: Sequence[Loop], spacing: Spacing, limits: CapillaryLimits
) -> list[Measurement]:
    """`dilated_count` and `giant_count` of an image.

    Without a known scale there is no value; an image without loops has 0. Where some loops
    could not be measured, or were refused, the counts are those of the others, and flagged;
    where that holds for all loops, there is none.
    """
    sizes = loop_sizes_um(loops, spacing)
    giant = sum(size >= limits.giant_um for size in sizes)
    dilated = sum(size >= limits.dilated_um for size in sizes) - giant
    unknown = bool(loops) and not sizes
    below_giant = f"{SIZE_RULE} >= {limits.dilated_um:g} um and < {limits.giant_um:g} um"
    return [
        Measurement(
            name=name,
            value=None if unknown else float(number),
            unit="count",
            formula=formula,
            source=limits.source(setting),
            scale_source=spacing.origin,
            flags=left_out(loops, spacing),
        )
        for name, number, formula, setting in (
            ("dilated_count", dilated, below_giant, "dilated_um"),
            ("giant_count", giant, f"{SIZE_RULE} >= {limits.giant_um:g} um", "giant_um"),
        )
    ]
