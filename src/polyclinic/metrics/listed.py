"""Figures that only a plain list of cases can give."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from polyclinic.metrics.case import Case
from polyclinic.metrics.figure import Figure, Values


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
