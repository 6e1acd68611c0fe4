"""Single images as points: a figure against something else, predicted against annotated quality."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.report.plots.style import (
    ACCENT,
    CONTRAST,
    QUIET,
    TEXT,
    as_png,
    dress,
    new_figure,
    plain,
)

BINS = 6
LEAST = 4
"""Points in a bin for its middle to be drawn."""


def trend(x: ArrayLike, y: ArrayLike, *, x_name: str, y_name: str) -> bytes:
    """Draw (N,) points, and the median of y in bins of equally many points.

    Of a y that is either 0 or 1, such as whether an answer is right, the mean is drawn: the share
    of right ones. Points with a NaN are left out.
    """
    left, right = np.asarray(x, float), np.asarray(y, float)
    both = np.isfinite(left) & np.isfinite(right)
    left, right = left[both], right[both]
    figure = new_figure(4.6, 3.4)
    axes = figure.add_subplot()
    dress(axes, x=x_name, y=y_name, title=f"n = {len(left)}")
    axes.scatter(left, right, s=11, color=ACCENT, alpha=0.55, linewidths=0)
    order = np.argsort(left, kind="stable")
    bins = [rows for rows in np.array_split(order, BINS) if len(rows) >= LEAST]
    middle, words = (np.mean, "share") if np.isin(right, (0, 1)).all() else (np.median, "median")
    if bins:
        axes.plot(
            [float(np.median(left[rows])) for rows in bins],
            [float(middle(right[rows])) for rows in bins],
            "o-",
            color=CONTRAST,
            linewidth=1.4,
            ms=4,
            label=f"{words} in bins",
        )
        axes.legend(fontsize=7.5, frameon=False)
    return as_png(figure)


def quality_scatter(
    found: ArrayLike,
    true: ArrayLike,
    *,
    name: str,
    flagged: ArrayLike,
    curve: ArrayLike | None = None,
) -> bytes:
    """Draw one point an image, those in another colour that were flagged.

    Args:
        found: (M,) predicted values, no NaN.
        true: (M,) annotated ones.
        name: of the quality.
        flagged: (M,) whether the reader asks for another image.
        curve: (M,) where a fitted curve puts each found value on the annotated scale.
    """
    y, x = np.asarray(found, float), np.asarray(true, float)
    poor = np.asarray(flagged, bool)
    figure = new_figure(4.6, 3.9)
    axes = figure.add_subplot()
    dress(axes, x=f"annotated {plain(name)}", y=f"predicted {plain(name)}", title=f"n = {len(x)}")
    if len(x):
        ends = [float(np.minimum(x, y).min()), float(np.maximum(x, y).max())]
        axes.plot(ends, ends, color=QUIET, linewidth=0.9, linestyle=":")
    for some, colour, label in (
        (~poor, ACCENT, None),
        (poor, CONTRAST, f"take it again ({poor.sum()})" if poor.any() else None),
    ):
        axes.scatter(x[some], y[some], s=12, alpha=0.55, linewidths=0, color=colour, label=label)
    if curve is not None and np.isfinite(curve).all():
        order = np.argsort(y, kind="stable")
        fitted = np.asarray(curve, float)[order]
        axes.plot(fitted, y[order], "--", color=TEXT, linewidth=1.1, label="fitted curve")
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=7.5, frameon=False)
    return as_png(figure)
