"""The figures by which measurements are judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from polyclinic.metrics.agree.figures import agreement_figures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.pooled import mean_figure, quantile_figure

GROUP = "measurements"


def measured_figures(pairs: Sequence[MeasuredPairs], cases: int) -> list[Figure]:
    """Agreement of what was read with the truth, and whether its intervals hold.

    Figures are named after the measurement; after measurement and unit where it was read in
    several units.

    Args:
        pairs: one group a measurement and unit.
        cases: N.
    """
    return [
        figure
        for name, one in zip(figure_names(pairs), pairs, strict=True)
        for figure in (
            *agreement_figures(name, one.unit, one.found, one.true, one.rows, cases, group=GROUP),
            *_intervals(name, one, cases),
        )
    ]


def figure_names(pairs: Sequence[MeasuredPairs]) -> list[str]:
    """First words of the figures' names: the measurement, with its unit where that is needed."""
    units = Counter(one.name for one in pairs)
    return [
        f"{one.name}_{one.unit.replace('/', '_per_')}" if units[one.name] > 1 else one.name
        for one in pairs
    ]


def _intervals(name: str, pairs: MeasuredPairs, cases: int) -> list[Figure]:
    width = pairs.upper - pairs.lower
    known = np.isfinite(width)
    held = (pairs.lower <= pairs.true) & (pairs.true <= pairs.upper)
    missing = int((~known).sum())
    note = f"{missing} of {len(pairs)} have no interval" if missing else ""
    return [
        mean_figure(
            f"{name}_coverage",
            np.where(known, held, np.nan),
            pairs.rows,
            cases,
            meaning="share of intervals that hold the true value",
            group=GROUP,
            note=note,
        ),
        quantile_figure(
            f"{name}_interval_width",
            width,
            pairs.rows,
            cases,
            unit=pairs.unit,
            meaning="median width of the intervals",
            group=GROUP,
            better="lower",
            note=note,
        ),
    ]
