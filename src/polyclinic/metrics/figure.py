"""One figure of an evaluation, as a function of how often each case counts.

Everything that an evaluation asks of a figure is a question about weights: its value (all ones),
its interval (patients drawn with replacement), a subgroup (zeros outside), the difference of two
readers on the same cases (the same draws), the spread over folds. So a figure looks at its cases
once, keeps what each of them contributes, and answers for any weights afterwards.

Shape letters: N cases, R sets of weights, M objects (instances, landmarks, pixels).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.metric import Metric

Values = NDArray[np.float64]
Weighted = Callable[[Values], Values]
"""(R, N) weights of cases to (R,) values; NaN where the figure does not exist."""

Better = Literal["higher", "lower", "zero"]

DRAWS = 2000


@dataclass(frozen=True, eq=False, kw_only=True)
class Figure:
    """A figure over N cases, before anybody has decided which of them count.

    A whole weight k must give what k copies of the case would give; 0 what leaving it out would.

    Args:
        name: e.g. `instance_f1`; names of one evaluation are unique.
        weighted: (R, N) weights to (R,) values; NaN where the figure does not exist.
        unit: "1" for ratios, else px, mm, um, count ...
        meaning: one line for a reader of the report.
        group: the table that it stands in, e.g. `instances`.
        better: which way is good; None where neither is.
        baseline: what a constant or majority answer would reach, for any weights.
        by_case: (N,) the figure of each case alone, NaN where it has none; None where a single
            case has no such figure.
        counts: (N,) how many of what the figure is about each case holds; images where None.
        draws: how many bootstrap draws it is worth; fewer for figures that are slow to compute.
        note: what to be careful about.
        left_out: (N,) how many of what the figure is about each case holds that the reader gave
            nothing for, an unreadable image or a missed object, where the figure can't count them
            as wrong; None where nothing can be left out.
        quartiles: of what a mean is the mean of: (R, N) weights to (R, 3).
        setting: what the figure depends on, such as a threshold or a tolerance; stands beside it.
    """

    name: str
    weighted: Weighted
    unit: str = "1"
    meaning: str = ""
    group: str = ""
    better: Better | None = None
    baseline: Weighted | None = None
    by_case: Values | None = None
    counts: Values | None = None
    draws: int = DRAWS
    note: str = ""
    left_out: Values | None = None
    quartiles: Weighted | None = None
    setting: str = ""

    def value(self, weights: Values) -> float | None:
        """The figure for (N,) weights; None where it does not exist."""
        return known(self.weighted(weights[None])[0])

    def metric(self, weights: Values, lower: float | None, upper: float | None) -> Metric:
        """The figure for (N,) weights with an interval that somebody computed."""
        value = self.value(weights)
        counted = (weights > 0).sum() if self.counts is None else weights @ self.counts
        spread = () if self.quartiles is None else self.quartiles(weights[None])[0].tolist()
        return Metric(
            name=self.name,
            value=value,
            unit=self.unit,
            meaning=self.meaning,
            group=self.group,
            lower=lower,
            upper=upper,
            baseline=None if self.baseline is None else known(self.baseline(weights[None])[0]),
            cases=int(counted),
            note=self.note if value is not None else self.note or "nothing to compute it from",
            left_out=0 if self.left_out is None else int(weights @ self.left_out),
            quartiles=tuple(spread) if np.isfinite(spread).all() else (),
            setting=self.setting,
        )


def known(value: float) -> float | None:
    """A number, or None for NaN."""
    return float(value) if np.isfinite(value) else None
