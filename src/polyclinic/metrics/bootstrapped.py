"""A figure of matched cases with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from polyclinic.metrics.bootstrap import by_patient, patient_interval
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.metric import Metric

PartT = TypeVar("PartT")


def bootstrapped(
    name: str,
    matched: Sequence[MatchedCase],
    part: Callable[[MatchedCase], PartT],
    statistic: Callable[[Sequence[PartT]], float | None],
    *,
    unit: str = "1",
    meaning: str = "",
    baseline: float | None = None,
    cases: int | None = None,
) -> Metric:
    """Compute a statistic of all cases, and its 95 % interval by drawing patients.

    Args:
        name: of the figure.
        matched: the cases.
        part: what one case contributes, such as its counts or errors; computed once a case.
        statistic: of the parts of any list of cases; None where it can't be computed.
        unit: of the figure.
        meaning: one line.
        baseline: what a constant answer would reach.
        cases: number behind it; the number of images unless given.
    """
    groups = {
        patient: [part(one) for one in group]
        for patient, group in by_patient(matched, lambda one: one.case[0]).items()
    }
    interval = patient_interval(groups, statistic)
    return Metric(
        name=name,
        value=interval.value,
        lower=interval.lower,
        upper=interval.upper,
        unit=unit,
        meaning=meaning,
        baseline=baseline,
        cases=len(matched) if cases is None else cases,
        note="" if interval.value is not None else "nothing to compute it from",
    )
