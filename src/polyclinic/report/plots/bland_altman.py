"""Found against annotated values, as differences over means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from polyclinic.metrics.agree.limits import Estimate, limits_of_agreement
from polyclinic.report.numbers import interval, number
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


@dataclass(frozen=True, kw_only=True)
class Line:
    """A horizontal line: the bias or a limit of agreement, with its 95 % interval."""

    words: str
    at: Estimate
    solid: bool = False


def bland_altman(
    found: ArrayLike,
    true: ArrayLike,
    *,
    name: str,
    unit: str,
    estimates: tuple[Estimate, Estimate, Estimate] | None = None,
) -> bytes:
    """Draw (N,) found against (N,) annotated values with bias and limits of agreement.

    Pairs with a NaN are left out.

    Args:
        found: the values read.
        true: the annotated ones.
        name: of the quantity.
        unit: of the values.
        estimates: bias, lower and upper limit with intervals that know of patients; unless
            given, those of independent pairs.

    Source: Bland and Altman, Lancet 1986; 327:307-310.

    Raises:
        DataError: the two are not of the same length.
    """
    limits = limits_of_agreement(found, true)
    bias, lower, upper = estimates or (limits.bias, limits.lower, limits.upper)
    left, right = np.asarray(found, float), np.asarray(true, float)
    both = np.isfinite(left) & np.isfinite(right)
    means, differences = (left[both] + right[both]) / 2, left[both] - right[both]
    figure = new_figure(5.6, 3.6)
    axes = figure.add_subplot()
    dress(
        axes,
        x=f"mean of found and annotated ({unit})",
        y=f"found \N{MINUS SIGN} annotated ({unit})",
        title=f"{plain(name)}, n = {limits.n}",
    )
    axes.axhline(0, color=QUIET, linewidth=0.8)
    axes.scatter(means, differences, s=11, color=ACCENT, alpha=0.55, linewidths=0)
    lines = (
        Line(words="+1.96 SD", at=upper),
        Line(words="bias", at=bias, solid=True),
        Line(words="\N{MINUS SIGN}1.96 SD", at=lower),
    )
    _draw(axes, [line for line in lines if line.at.value is not None])
    return as_png(figure)


def _draw(axes: Axes, lines: Sequence[Line]) -> None:
    for line in lines:
        at = line.at
        assert at.value is not None
        axes.axhline(at.value, color=CONTRAST, linewidth=1.1, linestyle="-" if line.solid else "--")
        words = f"{line.words} {number(at.value)}"
        if at.lower is not None and at.upper is not None:
            axes.axhspan(at.lower, at.upper, color=CONTRAST, alpha=0.1, linewidth=0)
            words += f" ({interval((at.lower, at.upper))})"
        axes.annotate(
            words,
            (1.0, at.value),
            xycoords=("axes fraction", "data"),
            xytext=(-2, 2),
            textcoords="offset points",
            ha="right",
            va="bottom",
            fontsize=7,
            color=TEXT,
        )
