"""What is judged of each kind of annotation: one module a kind, found by what the cases hold."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.judges import (
    findings,
    instances,
    landmarks,
    masks,
    patients,
    quality,
    restored,
)

Judge = Callable[[Sequence[Case], float], list[Figure]]

JUDGES: tuple[Judge, ...] = (
    instances.figures,
    masks.figures,
    landmarks.figures,
    findings.figures,
    patients.figures,
    quality.figures,
    restored.figures,
)
"""One line a kind."""


def judge_kinds(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Figures of every kind that was both annotated and read.

    Args:
        cases: samples with readings that hold every candidate.
        accept: the score from which on a candidate counts as found.
    """
    return [figure for judge in JUDGES for figure in judge(cases, accept)]
