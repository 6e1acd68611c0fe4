"""Annotated against read classes."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import ArrayLike

from polyclinic.errors import DataError
from polyclinic.report.plots.style import ACCENT, TEXT, as_png, new_figure, plain


def confusion_matrix(classes: tuple[str, ...], counts: ArrayLike) -> bytes:
    """Draw counts, shaded by their share of the annotated class (row).

    Args:
        classes: C names.
        counts: (C, C), or (C + 1, C + 1) whose last row counts spurious finds and whose last
            column counts missed instances.

    Raises:
        DataError: another shape.
    """
    cells = np.asarray(counts, float)
    extra = len(cells) - len(classes)
    if extra not in (0, 1) or cells.shape != (len(cells), len(cells)) or not len(cells):
        raise DataError(
            f"confusion counts have shape {cells.shape}",
            expected=f"{len(classes)} x {len(classes)}, or one more for missed and spurious",
        )
    totals = cells.sum(1, keepdims=True)
    shares = np.divide(cells, totals, out=np.zeros_like(cells), where=totals > 0)
    side = 1.9 + 0.55 * len(cells)
    figure = new_figure(side + 0.5, side)
    axes = figure.add_subplot()
    ramp = LinearSegmentedColormap.from_list("share", ["#ffffff", ACCENT])
    axes.imshow(shares, cmap=ramp, vmin=0, vmax=1)
    for row, column in np.ndindex(*cells.shape):
        if extra and row == column == len(classes):
            continue
        axes.text(
            column,
            row,
            f"{cells[row, column]:.0f}",
            ha="center",
            va="center",
            fontsize=8,
            color="white" if shares[row, column] > 0.5 else TEXT,
        )
    names = [plain(name, 22) for name in classes]
    places = range(len(cells))
    axes.set_xticks(places, [*names, "missed"][: len(cells)], rotation=35, ha="right")
    axes.set_yticks(places, [*names, "spurious"][: len(cells)])
    axes.set_xlabel("read as", fontsize=8, color=TEXT)
    axes.set_ylabel("annotated as", fontsize=8, color=TEXT)
    axes.tick_params(labelsize=7.5, colors=TEXT, length=0)
    axes.spines[:].set_visible(False)
    if extra:
        for line in (axes.axhline, axes.axvline):
            line(len(classes) - 0.5, color=TEXT, linewidth=0.8)
    return as_png(figure)
