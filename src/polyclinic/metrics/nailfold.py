"""Figures of nailfold readings beyond those of single tasks."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from polyclinic.metrics import legacy_nfcmtl as legacy
from polyclinic.metrics.agreement import agreement
from polyclinic.metrics.baseline import median_agreement
from polyclinic.metrics.bootstrapped import bootstrapped
from polyclinic.metrics.case import Case
from polyclinic.metrics.diameters import diameter_pairs
from polyclinic.metrics.matching import MatchedCase, match_cases
from polyclinic.metrics.metric import Metric
from polyclinic.metrics.pooled import Values, mean, median
from polyclinic.metrics.presence import presence
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.schema import LandmarkSchema

Scale = Callable[[tuple[int, int]], float]


def diameter_metrics(cases: Sequence[Case], schema: LandmarkSchema, accept: float) -> list[Metric]:
    """Error, bias and limits of agreement of the diameters of hits, in px and µm."""
    figures = []
    for pairs in diameter_pairs(match_cases(cases, min_score=accept), schema):
        one = agreement(pairs.found, pairs.true)
        constant = median_agreement(pairs.true).mae
        suffix = "" if pairs.unit == "px" else "_um"
        for figure, value, meaning in (
            ("mae", one.mae, "mean absolute difference on hits; baseline: always the median"),
            ("bias", one.bias, "mean of read - annotated"),
            ("lower_limit", one.lower_limit, "lower limit of agreement, bias - 1.96 SD"),
            ("upper_limit", one.upper_limit, "upper limit of agreement, bias + 1.96 SD"),
        ):
            figures.append(
                Metric(
                    name=f"{pairs.name}_diameter_{figure}{suffix}",
                    value=value,
                    unit=pairs.unit,
                    meaning=meaning,
                    baseline=constant if figure == "mae" else None,
                    cases=one.n,
                    note="" if value is not None else "no hit has both diameters",
                )
            )
    return figures


def frame_metrics(
    cases: Sequence[Case], schema: LandmarkSchema, accept: float, scale: Scale
) -> list[Metric]:
    """Landmark and apical diameter error in pixels of the size at which images are read.

    Args:
        cases: samples with readings.
        schema: names of the landmarks.
        accept: score of a find.
        scale: network pixels per pixel of an image of (height, width).
    """
    matched = match_cases(cases, min_score=accept)

    def landmark(one: MatchedCase) -> Values:
        return radial_errors([one], schema).px * scale(one.case[0].size)

    def apical(one: MatchedCase) -> Values:
        pairs = diameter_pairs([one], schema)[0]
        return np.abs(pairs.found - pairs.true) * scale(one.case[0].size)

    return [
        bootstrapped(
            "landmark_error_median_frame",
            matched,
            landmark,
            median,
            unit="px",
            meaning="median landmark error of hits, pixels of the size at which images are read",
        ),
        bootstrapped(
            "apical_diameter_mae_frame",
            matched,
            apical,
            mean,
            unit="px",
            meaning="mean absolute apical diameter error of hits, same pixels",
        ),
    ]


def presence_metrics(cases: Sequence[Case], name: str, accept: float) -> list[Metric]:
    """Image-level sensitivity and specificity of a class."""
    found = presence(cases, name, min_score=accept)
    positive = found.true_positive + found.false_negative
    negative = found.true_negative + found.false_positive
    return [
        Metric(
            name=f"{name}_sensitivity",
            value=found.sensitivity,
            meaning=f"share of images with an {name} loop in which one is read",
            cases=positive,
            note="" if positive else "no such image",
        ),
        Metric(
            name=f"{name}_specificity",
            value=found.specificity,
            meaning=f"share of images without an {name} loop in which none is read",
            cases=negative,
            note="" if negative else "no such image",
        ),
    ]


def legacy_metrics(cases: Sequence[Case], schema: LandmarkSchema) -> list[Metric]:
    """The published quantities of NFCMTL, as its evaluators compute them."""
    image_recall = "published as classification accuracy; is: image-level recall of abnormal"
    pixel_recall = (
        "published as segmentation sensitivity; is: macro pixel recall where both have a class"
    )
    set_means = "published as diameter MAE; is: difference of the means of two sets, unmatched"
    rows = [
        (
            "legacy_mae_of_avg_apical",
            legacy.legacy_mae_of_avg_apical(cases, schema),
            "px",
            set_means,
        ),
        (
            "legacy_mae_of_avg_venous",
            legacy.legacy_mae_of_avg_venous(cases, schema),
            "px",
            set_means,
        ),
        (
            "legacy_mae_of_avg_arterial",
            legacy.legacy_mae_of_avg_arterial(cases, schema),
            "px",
            set_means,
        ),
        (
            "legacy_classification_accuracy",
            legacy.legacy_classification_accuracy(cases),
            "1",
            image_recall,
        ),
        (
            "legacy_segmentation_sensitivity",
            legacy.legacy_segmentation_sensitivity(cases),
            "1",
            pixel_recall,
        ),
    ]
    return [
        Metric(
            name=name,
            value=value,
            unit=unit,
            meaning=meaning,
            note="" if value is not None else "nothing to compute it from",
        )
        for name, value, unit, meaning in rows
    ]
