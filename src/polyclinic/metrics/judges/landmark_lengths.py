"""The figures of landmarks that need a scale."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, spacing_of
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.landmarks import near_landmarks
from polyclinic.metrics.pooled import quantile_figure, ratio_figure
from polyclinic.metrics.radial_error import RadialErrors

GROUP = "landmarks"
MM = (1.0, 1.5, 2.0, 2.5, 4.0)
OUTLIER_MM = 10.0
FINE_MM = 0.02
"""Pixels below this size are of a microscope: errors are then told in µm."""


def in_length(cases: Sequence[Case], errors: RadialErrors) -> tuple[NDArray[np.float64], str]:
    """(N, K) distances with the name of their unit: px unless the scale of all is known."""
    pixel = _usual_pixel(cases)
    if pixel is None or not errors.scaled.all():
        return errors.px, "px"
    return (errors.um, "µm") if pixel < FINE_MM else (errors.um / 1e3, "mm")


def _usual_pixel(cases: Sequence[Case]) -> float | None:
    """Median size in mm of the pixels of those cases whose scale is known."""
    pixels = [(one.row_mm + one.column_mm) / 2 for one in map(spacing_of, cases) if one.known]
    return float(np.median(pixels)) if pixels else None


def length_figures(cases: Sequence[Case], errors: RadialErrors) -> list[Figure]:
    """Errors in µm for fine pixels; in mm, with detection rates and outliers, for others."""
    pixel = _usual_pixel(cases)
    if pixel is None:
        return []
    fine = pixel < FINE_MM
    unit, shown = ("um", "µm") if fine else ("mm", "mm")
    median = quantile_figure(
        f"landmark_error_median_{unit}",
        errors.um if fine else errors.um / 1e3,
        errors.homes,
        len(cases),
        unit=unit,
        meaning=f"median distance of landmarks of hits in {shown}, where the scale is known",
        group=GROUP,
        better="lower",
        left_out=errors.lost(len(cases)),
    )
    return [median] if fine else [median, *_detection_rates(errors, len(cases))]


def _detection_rates(errors: RadialErrors, cases: int) -> list[Figure]:
    asked = errors.labelled & errors.scaled[:, None]
    found = near_landmarks(errors.um / 1e3, asked, errors.rows, cases, (*MM, OUTLIER_MM))
    rates = [
        ratio_figure(
            f"pck_{limit:g}mm",
            found.near[:, column],
            found.asked,
            meaning=f"share of annotated landmarks, those of missed instances too, found within "
            f"{limit:g} mm (successful detection rate)",
            group=GROUP,
            better="higher",
            counts=found.asked,
        )
        for column, limit in enumerate(MM)
    ]
    outliers = ratio_figure(
        f"landmark_outliers_{OUTLIER_MM:g}mm",
        found.asked - found.near[:, -1],
        found.asked,
        meaning=f"share of annotated landmarks farther than {OUTLIER_MM:g} mm or not found",
        group=GROUP,
        better="lower",
        counts=found.asked,
    )
    return [*rates, outliers]
