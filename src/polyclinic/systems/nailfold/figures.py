"""Figures of nailfold readings beyond those of the kinds of annotation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.measure.length import Trace, length
from polyclinic.metrics.case import Case, spacing_of
from polyclinic.metrics.figure import Figure, Values, listed_figure
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.pooled import mean_figure, quantile_figure
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.nailfold import legacy_figures as legacy
from polyclinic.systems.nailfold.measure.loop_diameters import landmark_diameters, limbs_by_width

DIAMETERS = ("apical", "arterial", "venous")


@dataclass(frozen=True, eq=False, kw_only=True)
class DiameterPairs:
    """(N,) diameters of found loops and of their annotated partners; NaN where not measurable."""

    name: str
    unit: Literal["px", "um"]
    found: NDArray[np.float64]
    true: NDArray[np.float64]


def diameter_pairs(
    matched: Sequence[MatchedCase], schema: LandmarkSchema
) -> tuple[DiameterPairs, ...]:
    """Landmark diameters of each found loop beside those of its annotated partner.

    Returns:
        Apical, arterial and venous in px, then in um over the images whose scale is known.
        Arterial is the thinner limb on each side of the comparison.
    """
    rows = []
    units: tuple[Literal["px", "um"], ...] = ("px", "um")
    for unit in units:
        pairs = [
            (_diameters(read, schema, scale), _diameters(true, schema, scale))
            for one in matched
            for scale in [spacing_of(one.case) if unit == "um" else Spacing.unknown()]
            if unit == "px" or scale.known
            for true, read in one.pairs
        ]
        table = np.array(pairs, float).reshape(-1, 2, len(DIAMETERS))
        rows += [
            DiameterPairs(name=name, unit=unit, found=table[:, 0, i], true=table[:, 1, i])
            for i, name in enumerate(DIAMETERS)
        ]
    return tuple(rows)


def _diameters(
    instance: Instance, schema: LandmarkSchema, spacing: Spacing
) -> tuple[float, float, float]:
    """Apical, arterial, venous; NaN where a landmark is missing."""
    traces = landmark_diameters(instance, schema)
    arterial, venous = limbs_by_width(traces.left, traces.right, spacing)
    apical, arterial_length, venous_length = (
        _length(trace, spacing) for trace in (traces.apical, arterial, venous)
    )
    return apical, arterial_length, venous_length


def _length(trace: Trace, spacing: Spacing) -> float:
    return np.nan if trace.points is None else length(trace.points, spacing)


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
