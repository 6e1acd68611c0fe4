"""One figure of an evaluation, with what it means."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Metric:
    """One figure of an evaluation.

    Args:
        name: e.g. `instance_f1`.
        value: None when it can't be computed; `note` then says why.
        unit: "1" for ratios, else px, um, ...
        meaning: one line for a reader of the report.
        baseline: what a constant or majority answer would reach.
    """

    name: str
    value: float | None
    unit: str = "1"
    meaning: str = ""
    baseline: float | None = None
    note: str = ""
