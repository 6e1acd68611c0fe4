"""Whether a stated probability is as often right as it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.report.plots.style import QUIET, as_png, colour, dress, new_figure, plain


@dataclass(frozen=True, eq=False, kw_only=True)
class Reliability:
    """Bins of one set of probabilities.

    Args:
        name: e.g. "as read", "temperature 1.7", with its calibration error.
        confidence, share: (B,) mean stated probability and share that was right; NaN in empty
            bins.
        counts: (B,) how many answers each bin holds.
    """

    name: str
    confidence: ArrayLike
    share: ArrayLike
    counts: ArrayLike


def reliability_diagram(sets: Sequence[Reliability]) -> bytes:
    """Draw the share that was right against the stated probability, and how often it is stated.

    Source: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017.
    """
    figure = new_figure(4.6, 4.2)
    axes, below = figure.subplots(2, 1, height_ratios=[4, 1], sharex=True)
    dress(axes, x="", y="share that was right")
    dress(below, x="stated probability", y="answers")
    axes.plot([0, 1], [0, 1], color=QUIET, linewidth=0.9, linestyle=":")
    for index, one in enumerate(sets):
        confidence, share = np.asarray(one.confidence, float), np.asarray(one.share, float)
        known = np.isfinite(confidence) & np.isfinite(share)
        look = {"color": colour(index), "linewidth": 1.4}
        axes.plot(confidence[known], share[known], "o-", ms=3.5, label=plain(one.name, 48), **look)
        counts = np.asarray(one.counts, float)
        edges = np.linspace(0, 1, len(counts) + 1)
        below.stairs(counts, edges, **look)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    axes.legend(fontsize=7.5, frameon=False, loc="upper left")
    return as_png(figure)
