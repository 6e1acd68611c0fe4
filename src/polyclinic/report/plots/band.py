"""A curve with its 95 % band: ROC, precision against recall, FROC, risk against coverage."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike

from polyclinic.report.plots.style import (
    QUIET,
    as_png,
    colour,
    dashes,
    dress,
    new_figure,
    plain,
)

Point = tuple[float, float]


@dataclass(frozen=True, eq=False, kw_only=True)
class Curve:
    """One line.

    Args:
        name: what it is, with the figure that sums it up.
        x, y: (P,) points in the order in which they are joined.
        lower, upper: (P,) the band over patients at each x; None where there is none.
        steps: whether the line rises in steps, as empirical curves do.
    """

    name: str
    x: ArrayLike
    y: ArrayLike
    lower: ArrayLike | None = None
    upper: ArrayLike | None = None
    steps: bool = False


@dataclass(frozen=True, kw_only=True)
class Frame:
    """What is around the lines.

    Args:
        x, y: names of the axes with their units.
        x_limits, y_limits: ends of the axes; None leaves them to the data.
        chance: the line of a reader without knowledge, as two points.
        x_log: whether the x axis is logarithmic.
        x_ticks: where the x axis is marked; None leaves it to the data.
    """

    x: str
    y: str
    x_limits: Point | None = None
    y_limits: Point | None = (0.0, 1.02)
    chance: tuple[Point, Point] | None = None
    x_log: bool = False
    x_ticks: Sequence[float] | None = None


def curves_with_bands(curves: Sequence[Curve], frame: Frame) -> bytes:
    """Draw curves over one another, each with its band."""
    figure = new_figure(4.6, 3.6)
    axes = figure.add_subplot()
    dress(axes, x=frame.x, y=frame.y)
    if frame.chance is not None:
        axes.axline(*frame.chance, color=QUIET, linewidth=0.9, linestyle=":")
    for index, curve in enumerate(curves):
        _draw(axes, curve, index)
    if frame.x_log:
        axes.set_xscale("log", base=2)
    if frame.x_ticks is not None:
        axes.set_xticks(frame.x_ticks)
    if frame.x_limits is not None:
        axes.set_xlim(*frame.x_limits)
    if frame.y_limits is not None:
        axes.set_ylim(*frame.y_limits)
    if any(curve.name for curve in curves):
        axes.legend(fontsize=7.5, frameon=False)
    return as_png(figure)


def _draw(axes: Axes, curve: Curve, index: int) -> None:
    x, y = np.asarray(curve.x, float), np.asarray(curve.y, float)
    axes.plot(
        x,
        y,
        color=colour(index),
        linestyle=dashes(index),
        linewidth=1.5,
        drawstyle="steps-post" if curve.steps else "default",
        label=plain(curve.name, 48),
    )
    if curve.lower is not None and curve.upper is not None:
        axes.fill_between(
            x,
            np.asarray(curve.lower, float),
            np.asarray(curve.upper, float),
            color=colour(index),
            alpha=0.16,
            linewidth=0,
            step="post" if curve.steps else None,
        )
