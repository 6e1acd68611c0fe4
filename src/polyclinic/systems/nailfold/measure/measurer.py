"""All capillary measurements of one reading, made in square pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from polyclinic.geometry import Homography
from polyclinic.geometry.move import move_instance
from polyclinic.measure.length import UNKNOWN_SCALE, length_unit
from polyclinic.measure.measurer import Measurer
from polyclinic.reading import Measurement, Reading
from polyclinic.sample import Spacing
from polyclinic.systems.nailfold.measure.counts import (
    class_counts,
    csuri,
    left_out,
    loop_sizes_um,
    size_counts,
)
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits
from polyclinic.systems.nailfold.measure.loop import Loop, draw_loop
from polyclinic.systems.nailfold.measure.loop_measurements import loop_measurements
from polyclinic.systems.nailfold.measure.row import (
    density_per_mm,
    distal_direction,
    distal_row,
    field_width_mm,
    intercapillary_distance,
)

SQUARE = 1e-3
"""Rows and columns that differ by a smaller share count as equally high and wide."""


def in_square_pixels(reading: Reading) -> Reading:
    """The same objects in a frame whose pixels are as high as they are wide.

    A distance to the nearest edge, a right angle and a middle line mean something in space only
    where pixels are square: across a vessel that runs along the coarser axis of pixels of 2 : 1 a
    disc is an ellipse. The coarser axis is therefore drawn finer, so that nothing that was seen is
    lost, and the scale follows.

    Args:
        reading: returned as it is where its pixels are square or its scale is unknown. An object
            of which nothing lies inside the frame keeps its place among the others.
    """
    spacing = reading.spacing
    if not spacing.known or reading.instances is None:
        return reading
    side = min(spacing.row_mm, spacing.column_mm)
    down, across = spacing.row_mm / side, spacing.column_mm / side
    if max(down, across) < 1 + SQUARE:
        return reading
    stretch = Homography(
        np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2], [0, 0, 1]])
    )
    size = round(reading.size[0] * down), round(reading.size[1] * across)
    instances = tuple(
        move_instance(one, stretch, size)
        or replace(one, box=stretch.boxes(one.box[None])[0], mask=None, landmarks=None)
        for one in reading.instances
    )
    return replace(
        reading,
        size=size,
        spacing=Spacing.square(side, spacing.origin),
        instances=instances,
        label_maps={},
        measurements=(),
    )


ROW_SOURCE = "distal row of Smith et al., Autoimmun Rev 19:102458, 2020 (unverified)"


class NailfoldMeasurer(Measurer):
    """Capillary measurements, see `measure_nailfold`."""

    limits: CapillaryLimits = CapillaryLimits()

    def measure(self, reading: Reading) -> tuple[Measurement, ...]:
        """Diameters, length, tortuosity, distances, density and counts."""
        return measure_nailfold(reading, self.limits)


def measure_nailfold(
    reading: Reading, limits: CapillaryLimits | None = None
) -> tuple[Measurement, ...]:
    """Measure every loop of a reading, then the image.

    Per loop (not for haemorrhages): apical, arterial and venous diameter from landmarks and
    from the mask, loop length, tortuosity. Per image: counts by class, dilated and giant loops,
    loops of the distal row, intercapillary distance, density and CSURI. Lengths are in µm where
    the scale is known, else in px; density and size classes need the scale. Rows and columns may
    have different scales: everything is then drawn in square pixels. What can't be measured is
    there with the reason instead of a value.

    Args:
        reading: without instances (None) nothing is measured; with none found, counts are 0.
        limits: the numbers to go by; the defaults carry their sources.
    """
    limits = limits or CapillaryLimits()
    reading = in_square_pixels(reading)
    if reading.instances is None:
        return ()
    accepted = {
        row: one
        for row, one in enumerate(reading.instances)
        if one.score is None or one.score >= limits.min_score
    }
    loops = [
        draw_loop(row, one, reading.landmark_schema, limits)
        for row, one in accepted.items()
        if reading.class_name(one) not in limits.not_loops
    ]
    spacing = reading.spacing
    per_loop = [row for loop in loops for row in loop_measurements(loop, spacing, limits)]
    return (
        *per_loop,
        *class_counts(reading, list(accepted.values())),
        *size_counts(loops, spacing, limits),
        *_row_measurements(loops, reading, limits),
    )


def _row_measurements(
    loops: Sequence[Loop], reading: Reading, limits: CapillaryLimits
) -> list[Measurement]:
    spacing = reading.spacing
    apices = [loop.apex for loop in loops]
    rows = distal_row(apices, depth=limits.row_depth, heights=[loop.height for loop in loops])
    points = np.array([apices[row].point for row in rows]).reshape(-1, 2)
    guessed = loops and all(apex.axis is None for apex in apices)
    flags = ("orientation-assumed",) if guessed else ()
    distance = intercapillary_distance(points, spacing)
    sizes = loop_sizes_um(loops, spacing)
    giants = [size for size in sizes if size >= limits.giant_um]
    return [
        Measurement(
            name="distal_row_count",
            value=float(len(rows)),
            unit="count",
            formula=f"apices within {limits.row_depth:g} of the median loop height of the row",
            source=limits.source("row_depth"),
            flags=flags,
        ),
        Measurement(
            name="intercapillary_distance",
            value=distance,
            unit=length_unit(spacing),
            formula="mean distance of neighbouring apices in the distal row",
            source=ROW_SOURCE,
            scale_source=spacing.origin,
            flags=(
                *(("fewer-than-two-loops",) if distance is None else ()),
                *(() if spacing.known else (UNKNOWN_SCALE,)),
                *flags,
            ),
        ),
        _density(len(rows), reading.size, spacing, distal_direction(apices), flags),
        csuri(
            len(giants),
            max(giants, default=None),
            len(rows),
            spacing.origin,
            left_out(loops, spacing),
        ),
    ]


def _density(
    loops: int,
    size: tuple[int, int],
    spacing: Spacing,
    towards_tip: np.ndarray[tuple[int], np.dtype[np.float64]],
    flags: tuple[str, ...],
) -> Measurement:
    value = None
    if spacing.known:
        value = density_per_mm(loops, field_width_mm(size, spacing, towards_tip))
    return Measurement(
        name="density",
        value=value,
        unit="1/mm",
        formula="loops of the distal row / field width in mm",
        source=ROW_SOURCE,
        scale_source=spacing.origin,
        flags=flags if spacing.known else (UNKNOWN_SCALE, *flags),
    )
