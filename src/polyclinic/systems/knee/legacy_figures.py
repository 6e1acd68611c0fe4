"""The cell of KNEEL's ablation tables, as its evaluation computes it.

Source: MIPT-Oulu/KNEEL, `scripts/oof_inference.py`; Tiulpin et al., ICCV workshop VRMI 2019.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.landmarks import near_landmarks
from polyclinic.metrics.pooled import divided
from polyclinic.schema.knee import KNEE_LANDMARKS, OUTER_FEMUR, OUTER_TIBIA
from polyclinic.systems.knee.pairs import KneeErrors

GROUP = "as published"


def legacy_recall_figures(
    errors: KneeErrors, cases: int, thresholds: Sequence[float]
) -> list[Figure]:
    """Recall of tibia and femur, averaged, and the published "standard deviation" of the two.

    A knee's error is the mean distance of `tibia_0` and `tibia_8`, and that of `femur_0` and
    `femur_6`: one column each. Recall is the share of knees whose error is at most a distance.
    A cell of the tables is the mean of the two recalls, and the spread beside it is their sample
    standard deviation, |a - b| / sqrt(2): it says how much femur and tibia differ, and nothing
    about folds or patients. Honest: `knee_pck_*mm` with its interval.

    Kept: the landmarks, the mean within a knee, the two columns. Not kept: predictions rounded
    to whole pixels of 0.3 mm and the scale of 449 / 450, which belong to the frame of the
    out-of-fold predictions. A knee that was not found is beyond every distance; the original
    has a prediction of every knee. Knees without both landmarks of a column don't count in it.

    Args:
        errors: of the knees.
        cases: N.
        thresholds: distances in mm.
    """
    columns = [_knee_recall(errors, ends, cases, thresholds) for ends in (OUTER_TIBIA, OUTER_FEMUR)]
    return [
        figure
        for place, limit in enumerate(thresholds)
        for figure in _cell(limit, [(near[:, place], knees) for near, knees in columns])
    ]


def _knee_recall(
    errors: KneeErrors, ends: tuple[str, str], cases: int, thresholds: Sequence[float]
) -> tuple[Values, Values]:
    """(N, T) knees within each distance and (N,) knees, of each case."""
    columns = [KNEE_LANDMARKS.index(name) for name in ends]
    asked = np.all(errors.labelled[:, columns], axis=1)[:, None]
    mean = errors.mm[:, columns].mean(1, keepdims=True)
    counted = near_landmarks(mean, asked, errors.rows, cases, thresholds)
    return counted.near, counted.asked


def _cell(limit: float, columns: Sequence[tuple[Values, Values]]) -> list[Figure]:
    def recalls(weights: Values) -> Values:
        return np.stack([divided(weights @ near, weights @ knees) for near, knees in columns])

    knees = np.max([knees for _, knees in columns], axis=0)
    return [
        Figure(
            name=f"legacy_recall_{limit:g}mm",
            weighted=lambda weights: recalls(weights).mean(0),
            meaning=f"published as recall at {limit:g} mm; is: mean of two shares of knees, by "
            "the mean error of the two tibial edges and by that of the two femoral ones",
            group=GROUP,
            better="higher",
            counts=knees,
        ),
        Figure(
            name=f"legacy_recall_{limit:g}mm_spread",
            weighted=lambda weights: recalls(weights).std(0, ddof=1),
            meaning="published as the standard deviation beside it; is: |tibia - femur| / sqrt(2)",
            group=GROUP,
            counts=knees,
        ),
    ]
