"""How many instances of each class and of each size an image holds."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.measure.limits import CapillaryLimits
from polyclinic.measure.loop import Loop
from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Instance, Spacing

SIZE_RULE = "largest of the apical and limb diameters"


def class_counts(reading: Reading, accepted: Sequence[Instance]) -> list[Measurement]:
    """`count_<class>` for every class of the reading, and `count` over all of them."""
    counts = [Measurement(name="count", value=float(len(accepted)), unit="count")]
    for index, name in enumerate(reading.classes):
        number = sum(one.category == index for one in accepted)
        counts.append(Measurement(name=f"count_{name}", value=float(number), unit="count"))
    return counts


def loop_sizes_um(loops: Sequence[Loop], spacing: Spacing) -> list[float]:
    """Largest diameter of each loop that could be measured; empty where the scale is unknown."""
    if not spacing.known:
        return []
    sizes = (loop.largest_um(spacing) for loop in loops)
    return [size for size in sizes if size is not None]


def size_counts(
    loops: Sequence[Loop], spacing: Spacing, limits: CapillaryLimits
) -> list[Measurement]:
    """`dilated_count` and `giant_count` of an image.

    Without a known scale there is no value; an image without loops has 0. Where some loops
    could not be measured, the counts are those of the others, and flagged.
    """
    sizes = loop_sizes_um(loops, spacing)
    giant = sum(size >= limits.giant_um for size in sizes)
    dilated = sum(size >= limits.dilated_um for size in sizes) - giant
    reason: str | None = None
    if loops and not sizes:
        reason = "loops-not-measurable" if spacing.known else "unknown-scale"
    flags = ("some-loops-not-measurable",) if sizes and len(sizes) < len(loops) else ()
    below_giant = f"{SIZE_RULE} >= {limits.dilated_um:g} um and < {limits.giant_um:g} um"
    return [
        Measurement(
            name=name,
            value=None if reason else float(number),
            unit="count",
            formula=formula,
            source=limits.source(setting),
            scale_source=spacing.origin,
            flags=(reason,) if reason else flags,
        )
        for name, number, formula, setting in (
            ("dilated_count", dilated, below_giant, "dilated_um"),
            ("giant_count", giant, f"{SIZE_RULE} >= {limits.giant_um:g} um", "giant_um"),
        )
    ]
