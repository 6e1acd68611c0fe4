"""How far landmarks of knees lie from the annotated ones, in mm."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.landmarks import near_landmarks
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure
from polyclinic.schema.knee import KNEE_LANDMARKS, OUTER_FEMUR, OUTER_TIBIA
from polyclinic.systems.knee.pairs import KneeErrors

MM = (1.0, 1.5, 2.0, 2.5)
CLINICAL_MM = 2.0
"""The one distance at which landmarks and grades are told apart."""
OUTLIER_MM = 10.0

GROUP = "knees"
BY_LANDMARK, BY_GRADE = "knees by landmark", "knees by grade"

_Chosen = NDArray[np.bool_]


def distance_figures(errors: KneeErrors, cases: int) -> list[Figure]:
    """Recall, distances and outliers: of all knees, of each landmark, of each grade.

    A landmark of a knee that was not found lies within no distance and makes the knee an
    outlier. It has no distance, so medians, means and percentiles are of found knees, and say how
    many landmarks they leave out.

    Args:
        errors: of the knees.
        cases: N.
    """
    every = np.ones_like(errors.labelled)
    return [
        *_recall("knee", "landmarks", errors, every, cases, MM),
        *_recall("knee_tibia", "tibial edges", errors, _of_names(OUTER_TIBIA), cases, MM),
        *_recall("knee_femur", "femoral edges", errors, _of_names(OUTER_FEMUR), cases, MM),
        _median("knee", "landmarks", errors, every, cases),
        _mean(errors, cases),
        _p95(errors, cases),
        _outliers(errors, cases),
        *_each_landmark(errors, cases),
        *_each_grade(errors, cases),
    ]


def _recall(
    name: str,
    what: str,
    errors: KneeErrors,
    chosen: _Chosen,
    cases: int,
    limits: Sequence[float],
    group: str = GROUP,
) -> list[Figure]:
    counted = near_landmarks(errors.mm, errors.labelled & chosen, errors.rows, cases, limits)
    return [
        ratio_figure(
            f"{name}_pck_{limit:g}mm",
            counted.near[:, place],
            counted.asked,
            meaning=f"share of annotated {what} found within {limit:g} mm; in a knee that was "
            "not found, none is",
            group=group,
            better="higher",
            counts=counted.asked,
        )
        for place, limit in enumerate(limits)
    ]


def _median(
    name: str, what: str, errors: KneeErrors, chosen: _Chosen, cases: int, group: str = GROUP
) -> Figure:
    return quantile_figure(
        f"{name}_error_median_mm",
        np.where(chosen, errors.mm, np.nan),
        errors.homes,
        cases,
        unit="mm",
        meaning=f"median distance of {what} of found knees",
        group=group,
        better="lower",
        left_out=_lost(errors, chosen, cases),
    )


def _lost(errors: KneeErrors, chosen: _Chosen, cases: int) -> Values:
    """(N,) chosen landmarks that were annotated and not found."""
    lost = (errors.labelled & chosen & np.isnan(errors.mm)).sum(1)
    return np.bincount(errors.rows, lost, minlength=cases).astype(float)


def _mean(errors: KneeErrors, cases: int) -> Figure:
    return mean_figure(
        "knee_error_mean_mm",
        errors.mm,
        errors.homes,
        cases,
        unit="mm",
        meaning="mean distance of landmarks of found knees",
        group=GROUP,
        better="lower",
        left_out=_lost(errors, np.ones_like(errors.labelled), cases),
    )


def _p95(errors: KneeErrors, cases: int) -> Figure:
    return quantile_figure(
        "knee_error_p95_mm",
        errors.mm,
        errors.homes,
        cases,
        share=0.95,
        unit="mm",
        meaning="distance that 5 % of the landmarks of found knees exceed",
        group=GROUP,
        better="lower",
        left_out=_lost(errors, np.ones_like(errors.labelled), cases),
    )


def _outliers(errors: KneeErrors, cases: int) -> Figure:
    near = errors.mm < OUTLIER_MM  # not so where there is no distance
    far = (errors.labelled & ~near).any(1)
    knees = np.bincount(errors.rows, minlength=cases).astype(float)
    return ratio_figure(
        f"knee_outliers_{OUTLIER_MM:g}mm",
        np.bincount(errors.rows, far, minlength=cases),
        knees,
        meaning=f"share of knees with any landmark {OUTLIER_MM:g} mm off or more, or not found",
        group=GROUP,
        better="lower",
        counts=knees,
    )


def _each_landmark(errors: KneeErrors, cases: int) -> list[Figure]:
    figures = []
    for one in KNEE_LANDMARKS.names:
        where = (f"knee_{one}", one, errors, _of_names([one]), cases)
        figures += [
            _median(*where, group=BY_LANDMARK),
            *_recall(*where, limits=[CLINICAL_MM], group=BY_LANDMARK),
        ]
    return figures


def _each_grade(errors: KneeErrors, cases: int) -> list[Figure]:
    figures = []
    for grade in sorted(set(errors.grades.tolist()) - {""}):
        chosen = np.broadcast_to((errors.grades == grade)[:, None], errors.labelled.shape)
        where = (f"knee_kl{grade}", f"landmarks of grade {grade}", errors, chosen, cases)
        figures += [
            _median(*where, group=BY_GRADE),
            *_recall(*where, limits=[CLINICAL_MM], group=BY_GRADE),
        ]
    return figures


def _of_names(names: Sequence[str]) -> _Chosen:
    return np.isin(KNEE_LANDMARKS.names, names)
