"""What is measured of landmarks of knees, from (K, L) errors in mm."""

from __future__ import annotations

import numpy as np
from bench.evidence.result import Column
from bench.evidence.statistics import Measure
from numpy.typing import NDArray

from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.pooled import mean_figure, quantile_figure

OUTLIER_MM = 10.0


def mean_error(errors: Values) -> Figure:
    """Mean over landmarks."""
    return mean_figure("mean", errors, _rows(errors), len(errors))


def median_error(errors: Values) -> Figure:
    """Median over landmarks."""
    return quantile_figure("median", errors, _rows(errors), len(errors))


def within(limit_mm: float) -> Measure:
    """Share of landmarks that lie no farther off than a limit."""

    def share(errors: Values) -> Figure:
        reached = np.where(np.isnan(errors), np.nan, errors <= limit_mm)
        return mean_figure("within", reached, _rows(errors), len(errors))

    return share


def outliers(errors: Values) -> Figure:
    """Share of knees with a landmark that lies 10 mm off or more."""
    far = (np.nan_to_num(errors) >= OUTLIER_MM).any(1)
    return mean_figure("outliers", far, np.arange(len(errors)), len(errors))


def _rows(errors: Values) -> NDArray[np.intp]:
    return np.broadcast_to(np.arange(len(errors))[:, None], errors.shape)


COLUMNS: dict[str, Column] = {
    "mean_mm": Column(
        measure=mean_error,
        heading="mean, mm",
        digits=2,
        factor=1,
        compared="mean, mm (95 % interval)",
    ),
    "median_mm": Column(measure=median_error, heading="median, mm", digits=2, factor=1),
    **{
        f"pck_{limit:g}mm": Column(
            measure=within(limit),
            heading=f"≤ {limit:g} mm, %",
            digits=1,
            factor=100,
            compared=f"≤ {limit:g} mm, points" if limit in (1.0, 2.0) else None,
        )
        for limit in (1.0, 1.5, 2.0, 2.5)
    },
    "outliers_10mm": Column(
        measure=outliers,
        heading="knees ≥ 10 mm, %",
        digits=1,
        factor=100,
        compared="knees ≥ 10 mm, points",
    ),
}
"""Of the tables."""
