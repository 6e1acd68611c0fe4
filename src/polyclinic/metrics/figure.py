"""One figure of an evaluation: its meaning, and a function of how often each case counts.

Everything that an evaluation asks of a figure is a question about weights: its value (all ones),
its interval (patients left out one after another), a subgroup (zeros outside), the difference of
two readers on the same cases (the same weights), the spread over folds. So a figure looks at its
cases once, keeps what each of them contributes, and answers for any weights afterwards.

Shape letters: N cases, R sets of weights, M objects (instances, landmarks, pixels).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case
from polyclinic.metrics.ranked import Quantile


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of an evaluation.

    Args:
        name: e.g. `instance_f1`; names of one evaluation are unique.
        value: None when it can't be computed; `note` then says why.
        unit: "1" for ratios, else px, um, count ...
        meaning: one line for a reader of the report.
        lower, upper: 95 % interval over patients, where one was made.
        method: how the interval was made.
        baseline: what a constant or majority answer would reach.
        group: the table that it stands in.
        cases: number of images, instances or points behind it.
        note: why there is no value or no interval, or what to be careful about.
        left_out: number of those for which the reader gave nothing and that the figure leaves out.
        quartiles: first, median and third of what a mean is the mean of; empty where it is none.
        setting: what the figure depends on, such as a threshold or a tolerance.
    """

    name: str
    value: float | None
    unit: str = "1"
    meaning: str = ""
    group: str = ""
    lower: float | None = None
    upper: float | None = None
    method: str = ""
    baseline: float | None = None
    cases: int | None = None
    note: str = ""
    left_out: int = 0
    quartiles: tuple[float, ...] = ()
    setting: str = ""


Values = NDArray[np.float64]
Weighted = Callable[[Values], Values]
"""(R, N) weights of cases to (R,) values; NaN where the figure does not exist."""

Better = Literal["higher", "lower", "zero"]

Scale = Literal["share", "correlation", "positive", "real"]
"""What a figure can be: 0 to 1, -1 to 1, 0 and more, anything."""


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
        square: the figure whose root it is, where its interval is the root of that one's.
        unbounded: why no interval holds; empty where one does.
        baseline: what a constant or majority answer would reach, for any weights.
        by_case: (N,) the figure of each case alone, NaN where it has none; None where a single
            case has no such figure.
        counts: (N,) how many of what the figure is about each case holds; images where None.
        scale: what it can be, which says how its interval is made; unless given, a share or a
            positive number where higher or lower is better, by the unit.
        kinds: (U, N) objects of each case, one row for each kind that the figure needs, e.g.
            positives and negatives; the scarcest bounds what is known. `counts` where None.
        whole: whether the figure is a share of whole objects of `kinds`, each a yes or a no.
        quantile: where the figure is a quantile, of what.
        parts: figures that it is the sum of, where its interval is made of theirs.
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
    scale: Scale | None = None
    kinds: Values | None = None
    whole: bool = False
    quantile: Quantile | None = None
    parts: tuple[Figure, ...] = ()
    square: Figure | None = None
    unbounded: str = ""
    note: str = ""
    left_out: Values | None = None
    quartiles: Weighted | None = None
    setting: str = ""

    def value(self, weights: Values) -> float | None:
        """The figure for (N,) weights; None where it does not exist."""
        return known(self.weighted(weights[None])[0])

    @property
    def own_scale(self) -> Scale:
        """What it can be, as given, else by its unit."""
        if self.scale is not None:
            return self.scale
        if self.better in (None, "zero"):
            return "real"
        return "share" if self.unit == "1" else "positive"

    def objects(self, weights: Values) -> Values:
        """(U, N) objects of each case under (N,) weights, kind by kind."""
        held = self.counts if self.kinds is None else self.kinds
        return np.atleast_2d(np.ones(len(weights)) if held is None else held) * weights

    def metric(
        self,
        weights: Values,
        lower: float | None,
        upper: float | None,
        *,
        method: str = "",
        why: str = "",
    ) -> Metric:
        """The figure for (N,) weights with an interval that somebody computed.

        Args:
            weights: (N,).
            lower: end of the interval.
            upper: end of the interval.
            method: how it was made.
            why: why there is none; added to the note.
        """
        value = self.value(weights)
        note = "; ".join(filter(None, (self.note, why)))
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
            method=method,
            note=note if value is not None else note or "nothing to compute it from",
            left_out=0 if self.left_out is None else int(weights @ self.left_out),
            quartiles=tuple(spread) if np.isfinite(spread).all() else (),
            setting=self.setting,
        )


def known(value: float) -> float | None:
    """A number, or None for NaN."""
    return float(value) if np.isfinite(value) else None


def listed_figure(
    name: str,
    cases: Sequence[Case],
    statistic: Callable[[Sequence[Case]], float | None],
    **known: Any,
) -> Figure:
    """A statistic of a list of cases; weights repeat them. Slow, for what has no other form.

    Args:
        name: of the figure.
        cases: N.
        statistic: None where it does not exist.
        known: further fields of `Figure`.
    """

    def once(weights: Values) -> float:
        repeated = np.repeat(np.arange(len(cases)), weights.astype(int))
        value = statistic([cases[row] for row in repeated.tolist()])
        return np.nan if value is None else value

    def weighted(weights: Values) -> Values:
        return np.array([once(row) for row in weights], float)

    return Figure(name=name, weighted=weighted, **known)
