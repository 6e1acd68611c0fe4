"""The figures by which landmarks are judged, with and without a scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, spacing_of
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.landmarks import near_landmarks
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.oks import sigma_text
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure
from polyclinic.metrics.radial_error import RadialErrors, radial_errors

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


PX = (2.0, 4.0, 8.0)


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Radial errors, PCK and OKS in original pixels and true lengths, and OKS-AP.

    A hit is an object found with its class. Landmarks of missed objects lie within no distance
    and are similar to nothing; where only distances are told, they are counted as left out.
    """
    schema = next(
        (reading.landmark_schema for _, reading in cases if reading.landmark_schema), None
    )
    if schema is None or not any(one.has_visible_landmarks for c in cases for one in annotated(c)):
        return []
    matched = match_cases(cases, by_class=True, min_score=accept)
    places = case_places(cases, matched)
    found = radial_errors(matched, schema)
    errors = replace(found, rows=places[found.rows])
    return [
        *_errors_px(errors, len(cases)),
        *_pck_px(errors, len(cases)),
        *length_figures(cases, errors),
        mean_figure(
            "landmark_oks",
            errors.oks,
            errors.rows,
            len(cases),
            meaning="mean object keypoint similarity of annotated objects; 0 for missed ones",
            group=GROUP,
            better="higher",
            setting=sigma_text(schema),
        ),
        _found(errors, len(cases)),
        *average_precision_figures(cases, "landmarks", schema),
        *_each(errors, len(cases)),
    ]


def case_places(cases: Sequence[Case], matched: Sequence[MatchedCase]) -> NDArray[np.intp]:
    """(len(matched),) the position of each matched case in `cases`, which have the same order."""
    ahead = iter(enumerate(cases))
    places = [next(row for row, case in ahead if case is one.case) for one in matched]
    return np.array(places, np.intp)


def _errors_px(errors: RadialErrors, cases: int) -> list[Figure]:
    shared: dict[str, Any] = {"unit": "px", "group": GROUP, "better": "lower"}
    shared["left_out"] = errors.lost(cases)
    layout = "; baseline: the mean layout in the found box"
    built: list[tuple[str, Callable[..., Figure], str]] = [
        ("median", quantile_figure, "median distance of landmarks of hits, original pixels"),
        ("mean", mean_figure, "mean distance of landmarks of hits, original pixels"),
        ("p95", partial(quantile_figure, share=0.95), "distance that 5 % of landmarks exceed"),
    ]
    return [
        build(
            f"landmark_error_{name}",
            errors.px,
            errors.homes,
            cases,
            meaning=meaning + layout,
            baseline=build("", errors.layout_px, errors.homes, cases).weighted,
            **shared,
        )
        for name, build, meaning in built
    ]


def _pck_px(errors: RadialErrors, cases: int) -> list[Figure]:
    layout = near_landmarks(errors.layout_px, errors.labelled, errors.rows, cases, PX)
    found = near_landmarks(errors.px, errors.labelled, errors.rows, cases, PX)
    return [
        ratio_figure(
            f"pck_{limit:g}px",
            found.near[:, column],
            found.asked,
            meaning=f"share of annotated landmarks, those of missed instances too, found within "
            f"{limit:g} px",
            group=GROUP,
            better="higher",
            baseline=ratio_figure("", layout.near[:, column], layout.asked).weighted,
            counts=found.asked,
        )
        for column, limit in enumerate(PX)
    ]


def _found(errors: RadialErrors, cases: int) -> Figure:
    """Share of all annotated landmarks, those of missed instances too."""
    asked = np.bincount(errors.rows, errors.labelled.sum(1), minlength=cases).astype(float)
    return ratio_figure(
        "landmarks_found",
        asked - errors.lost(cases),
        asked,
        meaning="share of all annotated landmarks, those of missed instances too, that were "
        "found at any distance",
        group=GROUP,
        better="higher",
        counts=asked,
    )


def _each(errors: RadialErrors, cases: int) -> list[Figure]:
    """The median error of each landmark by name."""
    return [
        quantile_figure(
            f"landmark_error_median_{name}",
            errors.px[:, column],
            errors.rows,
            cases,
            unit="px",
            meaning=f"median distance of {name!r} of hits, original pixels",
            group=GROUP,
            better="lower",
            left_out=errors.lost(cases, column),
        )
        for column, name in enumerate(errors.names)
        if len(errors.names) > 1
    ]
