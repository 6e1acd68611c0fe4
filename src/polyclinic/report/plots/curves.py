"""How training went, from the rows of `log.jsonl`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from polyclinic.report.plots.style import ACCENT, as_png, colour, dashes, dress, new_figure, plain

Row = Mapping[str, Any]
Curve = tuple[NDArray[np.float64], NDArray[np.float64]]

_SMALL_LOSS = 1e-6


def training_curves(log: Sequence[Row]) -> bytes:
    """Draw what the log holds: total and single losses, balance, learning rate, speed.

    Args:
        log: rows with `step` and any of `loss`, `lr`, `images_per_s` and
            `losses` {name: {`raw`, `weighted`, `s`}}. Rows without a key are passed over.
    """
    names = list(dict.fromkeys(name for row in log for name in row.get("losses", {})))
    parts = {key: _parts(log, names, key) for key in ("raw", "weighted", "s")}
    panels: list[tuple[str, str, dict[str, Curve]]] = [
        ("total loss", "loss", _plain(log, "loss")),
        ("losses as they are", "loss", parts["raw"]),
        ("losses as weighed", "contribution", parts["weighted"]),
        ("balance: s = log variance", "s", parts["s"]),
        ("learning rate", "", _plain(log, "lr")),
        ("speed", "images / s", _plain(log, "images_per_s")),
    ]
    panels = [panel for panel in panels if panel[2]]
    rows = max(1, -(-len(panels) // 2))
    figure = new_figure(8.2, 2.2 * rows + 0.5)
    handles: dict[str, Any] = {}
    for place, (title, y, curves) in enumerate(panels):
        axes = figure.add_subplot(rows, min(2, len(panels)), place + 1)
        dress(axes, x="step", y=y, title=title)
        if title == "losses as they are":
            axes.set_yscale("log")
        for name, curve in curves.items():
            look = _look(names.index(name)) if name in names else {"color": ACCENT}
            line = _draw(axes, curve, look)
            if name in names:
                handles[plain(name)] = line
    if handles:
        figure.legend(
            list(handles.values()),
            list(handles),
            loc="outside lower center",
            ncols=min(6, len(handles)),
            fontsize=7.5,
            frameon=False,
        )
    return as_png(figure)


def _look(index: int) -> dict[str, Any]:
    return {"color": colour(index), "linestyle": dashes(index)}


def _draw(axes: Axes, curve: Curve, look: dict[str, Any]) -> Any:
    """Every step thin, the running median of a twentieth of the run thick."""
    steps, values = curve
    smooth = median_filter(values, max(1, len(values) // 20), mode="nearest")
    axes.plot(steps, values, linewidth=0.6, alpha=0.35, **look)
    (line,) = axes.plot(steps, smooth, linewidth=1.4, **look)
    return line


def _plain(log: Sequence[Row], key: str) -> dict[str, Curve]:
    found = _curve([(row["step"], row[key]) for row in log if row.get(key) is not None])
    return {} if found is None else {key: found}


def _parts(log: Sequence[Row], names: list[str], key: str) -> dict[str, Curve]:
    curves = {}
    for name in names:
        rows = [(row["step"], row.get("losses", {}).get(name, {}).get(key)) for row in log]
        found = _curve([(step, value) for step, value in rows if value is not None])
        if found is not None:
            steps, values = found
            curves[name] = (steps, np.maximum(values, _SMALL_LOSS) if key == "raw" else values)
    return curves


def _curve(points: list[tuple[float, float]]) -> Curve | None:
    table = np.asarray(points, float).reshape(-1, 2)
    table = table[np.isfinite(table).all(1)]
    return (table[:, 0], table[:, 1]) if len(table) else None
