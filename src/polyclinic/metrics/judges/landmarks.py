"""The figures by which landmarks are judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.metrics.case import Case
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pooled import quantile_figure
from polyclinic.metrics.radial_error import radial_errors


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Radial errors of hits in original pixels, and OKS-AP."""
    schema = next(
        (reading.landmark_schema for _, reading in cases if reading.landmark_schema), None
    )
    if schema is None:
        return []
    place = {id(case): row for row, case in enumerate(cases)}
    errors, rows = [], []
    for one in match_cases(cases, min_score=accept):
        px = radial_errors([one], schema).px.ravel()
        errors.append(px)
        rows.append(np.full(len(px), place[id(one.case)]))
    return [
        quantile_figure(
            "landmark_error_median",
            np.concatenate([np.zeros(0), *errors]),
            np.concatenate([np.zeros(0, int), *rows]),
            len(cases),
            unit="px",
            meaning="median distance of landmarks of hits, original pixels",
            group="landmarks",
            better="lower",
        ),
        *average_precision_figures(cases, "landmarks", schema),
    ]
