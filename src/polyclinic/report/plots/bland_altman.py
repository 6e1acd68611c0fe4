"""Found against annotated values, as differences over means."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.metrics.agreement import agreement
from polyclinic.report.numbers import number
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


def bland_altman(found: ArrayLike, true: ArrayLike, *, name: str, unit: str) -> bytes:
    """Draw (N,) found against (N,) annotated values with bias and limits of agreement.

    Pairs with a NaN are left out, as in `polyclinic.metrics.agreement`.
    Source: Bland and Altman, Lancet 1986; 327:307-310.

    Raises:
        DataError: the two are not of the same length.
    """
    summary = agreement(found, true)
    left, right = np.asarray(found, float), np.asarray(true, float)
    both = np.isfinite(left) & np.isfinite(right)
    means, differences = (left[both] + right[both]) / 2, left[both] - right[both]
    figure = new_figure(5.2, 3.4)
    axes = figure.add_subplot()
    dress(
        axes,
        x=f"mean of found and annotated ({unit})",
        y=f"found \N{MINUS SIGN} annotated ({unit})",
        title=f"{plain(name)}, n = {summary.n}",
    )
    axes.axhline(0, color=QUIET, linewidth=0.8)
    axes.scatter(means, differences, s=11, color=ACCENT, alpha=0.55, linewidths=0)
    for value, words, style in (
        (summary.upper_limit, "+1.96 SD", "--"),
        (summary.bias, "bias", "-"),
        (summary.lower_limit, "\N{MINUS SIGN}1.96 SD", "--"),
    ):
        if value is not None:
            axes.axhline(value, color=CONTRAST, linewidth=1.1, linestyle=style)
            axes.annotate(
                f"{words} {number(value)}",
                (1.0, value),
                xycoords=("axes fraction", "data"),
                xytext=(-2, 2),
                textcoords="offset points",
                ha="right",
                va="bottom",
                fontsize=7.5,
                color=TEXT,
            )
    return as_png(figure)
