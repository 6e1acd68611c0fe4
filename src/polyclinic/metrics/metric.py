"""One figure of an evaluation, with what it means."""

from __future__ import annotations

from dataclasses import dataclass


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
