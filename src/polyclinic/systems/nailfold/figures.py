"""Figures of nailfold readings beyond those of the kinds of annotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.listed import listed_figure
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pooled import mean_figure, quantile_figure
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold import legacy_figures as legacy
from polyclinic.systems.nailfold.diameters import diameter_pairs

Scale = Callable[[tuple[int, int]], float]


def frame_figures(
    cases: Sequence[Case], schema: LandmarkSchema, accept: float, scale: Scale
) -> list[Figure]:
    """Landmark and apical diameter error in pixels of the size at which images are read.

    Args:
        cases: samples with readings.
        schema: names of the landmarks.
        accept: score of a find.
        scale: network pixels per pixel of an image of (height, width).
    """
    place = {id(case): row for row, case in enumerate(cases)}
    landmarks: list[Values] = []
    diameters: list[Values] = []
    homes: list[int] = []
    lost, missed = np.zeros((2, len(cases)))
    for one in match_cases(cases, by_class=True, min_score=accept):
        pixels = scale(one.case[0].size)
        apical = diameter_pairs([one], schema)[0]
        errors, row = radial_errors([one], schema), place[id(one.case)]
        landmarks.append(errors.px.ravel() * pixels)
        diameters.append(np.abs(apical.found - apical.true) * pixels)
        homes.append(row)
        lost[row] = errors.lost(1)[0]
        missed[row] = np.isfinite(apical.true).sum() - np.isfinite(diameters[-1]).sum()
        missed[row] += _measurable(one.missed, schema)
    return [
        quantile_figure(
            "landmark_error_median_frame",
            *_stacked(landmarks, homes),
            len(cases),
            unit="px",
            meaning="median landmark error of hits, pixels of the size at which images are read",
            group="landmarks",
            better="lower",
            left_out=lost,
        ),
        mean_figure(
            "apical_diameter_mae_frame",
            *_stacked(diameters, homes),
            len(cases),
            unit="px",
            meaning="mean absolute apical diameter error of hits, same pixels",
            group="measurements",
            better="lower",
            left_out=missed,
        ),
    ]


def _measurable(instances: Sequence[Instance], schema: LandmarkSchema) -> int:
    """How many have both ends of the apical diameter."""
    ends = [schema.index(name) for name in ("up", "down")]
    return sum(
        one.landmarks is not None and bool((one.landmarks[ends, 2] > 0).all()) for one in instances
    )


def _stacked(values: Sequence[Values], homes: Sequence[int]) -> tuple[Values, Values]:
    return (
        np.concatenate([np.zeros(0), *values]),
        np.repeat(homes, [len(one) for one in values]) if values else np.zeros(0),
    )


_FROM = f"counting finds with a score above {legacy.MIN_SCORE:g}"
_DIFFERENCE_OF_MEANS = (
    f"published as diameter MAE; is: difference of the means of two sets, {_FROM}"
)
_NO_ENDS = "the size of a difference that may change its sign"
_LEGACY = (
    ("legacy_mae_of_avg_apical", legacy.legacy_mae_of_avg_apical, "px", _DIFFERENCE_OF_MEANS),
    ("legacy_mae_of_avg_venous", legacy.legacy_mae_of_avg_venous, "px", _DIFFERENCE_OF_MEANS),
    ("legacy_mae_of_avg_arterial", legacy.legacy_mae_of_avg_arterial, "px", _DIFFERENCE_OF_MEANS),
)


def legacy_figures(cases: Sequence[Case], schema: LandmarkSchema) -> list[Figure]:
    """The published quantities of NFCMTL, as its evaluators compute them."""
    named: list[tuple[str, Callable[[Sequence[Case]], float | None], str, str]] = [
        *(
            (name, partial(_with_schema, statistic, schema), unit, meaning)
            for name, statistic, unit, meaning in _LEGACY
        ),
        (
            "legacy_classification_accuracy",
            legacy.legacy_classification_accuracy,
            "1",
            "published as classification accuracy; is: share of images with an abnormal loop on "
            f"which one is found, {_FROM}; abnormal_sensitivity is the same from the score on that "
            "finds are reported with",
        ),
        (
            "legacy_segmentation_sensitivity",
            legacy.legacy_segmentation_sensitivity,
            "1",
            "published as segmentation sensitivity; is: macro pixel recall where both have a "
            f"class, {_FROM}",
        ),
    ]
    ends: dict[str, dict[str, Any]] = {"1": {"scale": "share"}, "px": {"unbounded": _NO_ENDS}}
    return [
        listed_figure(
            name, cases, statistic, unit=unit, meaning=meaning, group="as published", **ends[unit]
        )
        for name, statistic, unit, meaning in named
    ]


def _with_schema(
    statistic: Callable[[Sequence[Case], LandmarkSchema], float | None],
    schema: LandmarkSchema,
    cases: Sequence[Case],
) -> float | None:
    return statistic(cases, schema)
