"""Predicted against annotated quality."""

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
