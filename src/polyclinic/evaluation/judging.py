"""From cases to figures, and from figures to metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.evaluation.subject import Subject
from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Metric
from polyclinic.metrics.jackknife import patient_metrics
from polyclinic.metrics.judges.measured import measured_figures
from polyclinic.metrics.measured import MeasuredPairs, measured_pairs
from polyclinic.runs.calibrate import calibrated_folds


@dataclass(frozen=True, eq=False, kw_only=True)
class Judged:
    """What is known of N cases.

    Args:
        reported: the cases with readings as users see them.
        pairs: measurements read beside those of the annotations.
        figures: as functions of weights over the cases.
    """

    reported: list[Case]
    pairs: list[MeasuredPairs]
    figures: list[Figure]


def judge_cases(subject: Subject, cases: Sequence[Case]) -> Judged:
    """Every figure of some cases that the subject read, with every candidate."""
    reported = [subject.reported(case) for case in cases]
    if subject.folds is not None:
        reported = calibrated_folds(reported, subject.folds, subject.measure)
    pairs = measured_pairs(reported, subject.truths(reported), accept=0.0)
    figures = [*subject.figures(cases), *measured_figures(pairs, len(reported))]
    return Judged(reported=reported, pairs=pairs, figures=figures)


def with_intervals(figures: Sequence[Figure], patients: NDArray[np.intp]) -> list[Metric]:
    """Figures of all cases with 95 % intervals over patients."""
    return patient_metrics(figures, patients)
