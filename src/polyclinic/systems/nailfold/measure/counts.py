"""How many instances an image holds by class and size, and the published indices made of them."""

from __future__ import annotations

from collections.abc import Sequence

from polyclinic.measure.length import UNKNOWN_SCALE
from polyclinic.reading import REFUSED, Measurement, Reading
from polyclinic.reading.measurement import POSITIVE
from polyclinic.sample import Instance, Spacing, SpacingOrigin
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


CSURI_SOURCE = "Sebastiani 2009; Arthritis Res Ther 2018, s13075-018-1733-6"


def csuri(
    giants: int,
    largest_giant_um: float | None,
    row_loops: int,
    scale_source: SpacingOrigin,
    left_out: tuple[str, ...] = (),
) -> Measurement:
    """Capillaroscopic skin ulcer risk index M D / N^2 (M giants, D in µm, N loops of the row).

    Not meaningful without giants, nor without a row: the value is then None with the reason.
    The published cut-offs 2.94 and 2.96 take D as a bare number of µm, so the index has no unit.

    Args:
        giants: M.
        largest_giant_um: D, the largest diameter of a giant loop; None when there is none.
        row_loops: N.
        scale_source: origin of the scale behind D.
        left_out: why some loops have no part in M and D.
    """
    reason = (
        "unknown-scale"
        if scale_source == "unknown"
        else "no-giant-loop"
        if not giants or largest_giant_um is None
        else "no-loop-in-distal-row"
        if not row_loops
        else None
    )
    value = None
    if reason is None and largest_giant_um is not None:
        value = giants * largest_giant_um / row_loops**2
    return Measurement(
        name="csuri",
        value=value,
        unit="1",
        formula="giants x largest giant diameter in um / (loops of the distal row)^2",
        source=CSURI_SOURCE,
        scale_source=scale_source,
        flags=tuple(dict.fromkeys((*(() if reason is None else (reason,)), *left_out))),
        domain=POSITIVE,
    )
