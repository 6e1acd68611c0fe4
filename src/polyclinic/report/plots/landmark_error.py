"""Which share of landmarks lies within which distance."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from polyclinic.errors import DataError
from polyclinic.report.numbers import number
from polyclinic.report.plots.style import TEXT, as_png, colour, dashes, dress, new_figure, plain

MOST_STEPS = 1001
"""Steps of a curve; more can't be told apart, and a million of them take seconds to draw."""


def landmark_error_curves(
    names: Sequence[str], errors: ArrayLike, labelled: ArrayLike, *, unit: str
) -> bytes:
    """Draw the share of annotated landmarks found within a distance: of each, and of all.

    A landmark that was annotated but not found lies within no distance, so its curve ends below
    100 %.

    Args:
        names: K landmark names.
        errors: (N, K) distances; NaN where a landmark was not annotated or not found.
        labelled: (N, K) whether it was annotated.
        unit: of the distances.

    Raises:
        DataError: names, errors and labels do not fit.
    """
    table, asked = np.asarray(errors, float), np.asarray(labelled, bool)
    if table.ndim != 2 or table.shape[1] != len(names) or asked.shape != table.shape:
        raise DataError(
            f"landmark errors have shape {table.shape}, their labels {asked.shape}",
            expected=f"(N, {len(names)}) for both",
        )
    known = table[asked & np.isfinite(table)]
    reach = float(np.percentile(known, 98)) * 1.1 if len(known) else 1.0
    figure = new_figure(5.6, 3.4)
    axes = figure.add_subplot()
    looks: list[tuple[str, Any, dict[str, Any]]] = [
        (name, np.s_[:, index], {"color": colour(index), "linestyle": dashes(index)})
        for index, name in enumerate(names)
    ]
    looks.append(("all", np.s_[:], {"color": TEXT, "linewidth": 2.2}))
    lines = {}
    for name, part, look in looks:
        distances = np.where(np.isfinite(table[part]), table[part], np.inf)[asked[part]]
        if len(distances):
            found = np.sort(distances[np.isfinite(distances)])
            shown = np.unique(np.linspace(0, len(found), MOST_STEPS).astype(int))
            within = 100 * shown / len(distances)
            style: dict[str, Any] = {"where": "post", "linewidth": 1.2} | look
            (line,) = axes.step(np.r_[0, found][shown], within, **style)
            lines[f"{plain(name, 24)} ({number(float(np.median(distances)))})"] = line
    for level in (50, 95):
        axes.axhline(level, color=TEXT, linewidth=0.6, linestyle=":")
    dress(axes, x=f"distance ({unit})", y="annotated landmarks within (%)")
    axes.set_xlim(0, reach or 1.0)
    axes.set_ylim(0, 101)
    axes.legend(
        list(lines.values()),
        list(lines),
        fontsize=7,
        frameon=False,
        loc="center left",
        bbox_to_anchor=(1.01, 0.5),
        ncols=1 + len(names) // 14,
    )
    return as_png(figure)
