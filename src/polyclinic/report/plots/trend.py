"""A figure of single images against something else about them, such as their quality."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.report.plots.style import ACCENT, CONTRAST, as_png, dress, new_figure

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
