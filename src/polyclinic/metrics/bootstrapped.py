"""A figure of matched cases with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from polyclinic.metrics.bootstrap import by_patient, patient_interval
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.metric import Metric


def bootstrapped(
    name: str,
    matched: Sequence[MatchedCase],
    statistic: Callable[[Sequence[MatchedCase]], float | None],
    *,
    unit: str = "1",
    meaning: str = "",
    baseline: float | None = None,
    cases: int | None = None,
) -> Metric:
    """Compute a statistic of all cases, and its 95 % interval by drawing patients."""
    interval = patient_interval(by_patient(matched, lambda one: one.case[0]), statistic)
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
