"""The three figures published for NFCMTL, exactly as its evaluators compute them.

They stand here so that new readers can be compared with the published ones. None of them is
what its name says; see each docstring, and use the honest metric named there.

Source: thuhci/NFCMTL, `nfcmtl/evaluators/{cap_params,classification,segmentation}_evaluator.py`;
Ding et al., MICCAI 2025 workshop.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, class_names, found, instance_cases, score_of
from polyclinic.sample import Instance
from polyclinic.schema import LandmarkSchema

MIN_SCORE = 0.05  # the detector's only filter
UNPAINTED = 255
EPSILON = 1e-7


def legacy_mae_of_avg_apical(cases: Sequence[Case], schema: LandmarkSchema) -> float | None:
    """|mean(found) - mean(annotated)| of |up - down|, px; see `_mae_of_avg`."""
    return _mae_of_avg(cases, schema, ("up", "down"))


def legacy_mae_of_avg_venous(cases: Sequence[Case], schema: LandmarkSchema) -> float | None:
    """|mean(found) - mean(annotated)| of the *left* limb, px; see `_mae_of_avg`.

    The evaluator calls landmarks 2 and 3 venous; its own README calls them arterial.
    """
    return _mae_of_avg(cases, schema, ("left_left", "left_right"))


def legacy_mae_of_avg_arterial(cases: Sequence[Case], schema: LandmarkSchema) -> float | None:
    """|mean(found) - mean(annotated)| of the *right* limb, px; see `_mae_of_avg`."""
    return _mae_of_avg(cases, schema, ("right_left", "right_right"))


def legacy_classification_accuracy(
    cases: Sequence[Case], *, abnormal: str = "abnormal"
) -> float | None:
    """Share of images with an abnormal loop on which any abnormal loop is found.

    That is the image-level *recall* of abnormal, not an accuracy: calling everything abnormal
    gives 1, and so does calling it so with a score just above 0.05, the only one that the
    evaluator asks for: `presence` asks for the score from which on finds are reported, and is
    lower for the same reader. None without such images. Honest: `presence`, `confusion`.
    """
    kept = instance_cases(cases)
    classes = class_names(kept)
    if abnormal not in classes:
        return None
    index = classes.index(abnormal)
    positive = [case for case in kept if any(one.category == index for one in annotated(case))]
    hits = sum(any(one.category == index for one in _accepted(case)) for case in positive)
    return hits / len(positive) if positive else None


@dataclass(frozen=True, kw_only=True)
class LegacySegmentation:
    """Figures over the pixels on which annotation *and* reading have a class.

    Missed vessels and vessels on background vanish from all three, and a class that occurs
    nowhere counts as 0 in the means. Honest: `compare_masks`, `average_precision`.

    Args:
        sensitivity: mean over classes of TP / (TP + FN); published as segmentation sensitivity.
        macro_iou: mean over classes of TP / (TP + FP + FN).
        pixel_accuracy: share of those pixels with the right class.
    """

    sensitivity: float
    macro_iou: float
    pixel_accuracy: float


def legacy_segmentation(cases: Sequence[Case]) -> LegacySegmentation:
    """Paint instances into one label map per image and compare where both are painted."""
    kept = instance_cases(cases)
    size = len(class_names(kept))
    counts = np.zeros((size, size))
    for case in kept:
        by_score = sorted(_accepted(case), key=score_of)
        true, read = _paint(annotated(case), case), _paint(by_score, case)
        both = (true != UNPAINTED) & (read != UNPAINTED)
        np.add.at(counts, (true[both], read[both]), 1)
    hits, rows, columns = np.diag(counts), counts.sum(1), counts.sum(0)
    return LegacySegmentation(
        sensitivity=float(np.mean(hits / (rows + EPSILON))) if size else 0.0,
        macro_iou=float(np.mean(hits / (rows + columns - hits + EPSILON))) if size else 0.0,
        pixel_accuracy=float(hits.sum() / (counts.sum() + EPSILON)),
    )


def legacy_segmentation_sensitivity(cases: Sequence[Case]) -> float:
    """The published "segmentation sensitivity"; see `LegacySegmentation`."""
    return legacy_segmentation(cases).sensitivity


def _mae_of_avg(
    cases: Sequence[Case], schema: LandmarkSchema, ends: tuple[str, str]
) -> float | None:
    """Difference of two means over whole sets, not a mean of errors; None if a set is empty.

    Nothing is matched: a reader whose diameters are a permutation of the true ones gets 0.
    Found haemorrhages are left out, annotated instances without a labelled `up` too.
    Honest: the agreement of measured pairs, `apical_diameter_mae` and so on.
    """
    first, second = (schema.index(name) for name in ends)
    up = schema.index("up")
    true, read = [], []
    for case in instance_cases(cases):
        true += [
            _distance(one.landmarks, first, second)
            for one in annotated(case)
            if one.landmarks is not None and one.landmarks[up, 2] > 0
        ]
        read += [
            _distance(one.landmarks, first, second)
            for one in _accepted(case)
            if one.landmarks is not None and case[1].class_name(one) != "haemorrhage"
        ]
    return abs(float(np.mean(read) - np.mean(true))) if true and read else None


def _distance(landmarks: NDArray[np.float64], first: int, second: int) -> float:
    return float(np.hypot(*(landmarks[first, :2] - landmarks[second, :2])))


def _accepted(case: Case) -> list[Instance]:
    return [one for one in found(case) if score_of(one) > MIN_SCORE]


def _paint(instances: Sequence[Instance], case: Case) -> NDArray[np.uint8]:
    label_map = np.full(case[0].size, UNPAINTED, np.uint8)
    for one in instances:
        if one.mask is not None and one.category is not None:
            height, width = one.mask.patch.shape
            patch = label_map[
                one.mask.top : one.mask.top + height, one.mask.left : one.mask.left + width
            ]
            patch[one.mask.patch] = one.category
    return label_map
