"""The figures by which measurements are judged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from polyclinic.metrics.agree.figures import agreement_figures
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.measured import MeasuredPairs
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure

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
            *(
                replace(figure, left_out=_not_made(one, cases))
                for figure in agreement_figures(
                    name, one.unit, one.found, one.true, one.rows, cases, group=GROUP
                )
            ),
            *_intervals(name, one, cases),
            _made(name, one, cases),
        )
    ]


def _not_made(pairs: MeasuredPairs, cases: int) -> Values:
    """(N,) how many of each case were annotated and not made."""
    return np.bincount(pairs.rows, np.isnan(pairs.found), minlength=cases).astype(float)


def _made(name: str, pairs: MeasuredPairs, cases: int) -> Figure:
    asked = np.bincount(pairs.rows, minlength=cases).astype(float)
    return ratio_figure(
        f"{name}_made",
        asked - _not_made(pairs, cases),
        asked,
        meaning="share of the annotated ones that were made; not made: the reader gave a reason "
        "instead of a value, missed the object, or could not read the image",
        group=GROUP,
        better="higher",
        counts=asked,
    )


def figure_names(pairs: Sequence[MeasuredPairs]) -> list[str]:
    """First words of the figures' names: the measurement, with its unit where that is needed."""
    units = Counter(one.name for one in pairs)
    return [
        f"{one.name}_{one.unit.replace('/', '_per_')}" if units[one.name] > 1 else one.name
        for one in pairs
    ]


def _intervals(name: str, pairs: MeasuredPairs, cases: int) -> list[Figure]:
    width = pairs.upper - np.where(np.isfinite(pairs.lower), pairs.lower, 0.0)
    known = np.isfinite(width)
    held = ~(pairs.true < pairs.lower) & (pairs.true <= pairs.upper)
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
            meaning="median width of the intervals; from 0 where there is no lower limit",
            group=GROUP,
            better="lower",
            note=note,
        ),
    ]
