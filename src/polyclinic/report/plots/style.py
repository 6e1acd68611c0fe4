"""One look for all plots: quiet axes, the colours of the overlays, legible in print."""

from __future__ import annotations

import io

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from polyclinic.reading.palette import BLUE, INK, MUTED, VERMILION, as_hex, line_colour

DPI = 160
ACCENT, CONTRAST = as_hex(BLUE), as_hex(VERMILION)
TEXT, QUIET, GRID = as_hex(INK), as_hex(MUTED), "#e3e7ec"


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of so many inches, free of pyplot's global state."""
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def dress(axes: Axes, *, x: str, y: str, title: str = "") -> None:
    """Label axes and take away what carries no information."""
    axes.set_xlabel(x, fontsize=8, color=TEXT)
    axes.set_ylabel(y, fontsize=8, color=TEXT)
    axes.set_title(title, fontsize=9, color=TEXT, loc="left")
    axes.tick_params(labelsize=7.5, colors=TEXT, length=2.5, width=0.6)
    axes.grid(visible=True, color=GRID, linewidth=0.6)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set(color=QUIET, linewidth=0.6)


def colour(index: int) -> str:
    """Colour of the index-th class or curve."""
    return as_hex(line_colour(index))


def dashes(index: int) -> str:
    """Line style of the index-th curve: after seven hues the style tells curves apart."""
    return ("-", "--", ":", "-.")[index // 7 % 4]


def plain(name: str, longest: int = 40) -> str:
    """A name from data as matplotlib shows it: shortened, and dollar signs are no formulas."""
    short = name if len(name) <= longest else name[: longest - 1] + "…"
    return short.replace("$", r"\$")


def as_png(figure: Figure) -> bytes:
    """The figure as PNG bytes, the same bytes for the same figure."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=DPI, metadata={"Software": None})
    return buffer.getvalue()
