"""A figure of matched cases with its interval over patients."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from polyclinic.metrics.bootstrap import patient_interval
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
    groups: dict[str, list[MatchedCase]] = {}
    for one in matched:
        sample = one.case[0]
        patient = sample.patient_id
        key = f"image {sample.image_id}" if patient is None else f"patient {patient}"
        groups.setdefault(key, []).append(one)
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
