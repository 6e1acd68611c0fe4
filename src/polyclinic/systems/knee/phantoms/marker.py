"""Lead letters that say which side is which."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.layout import Layout
from polyclinic.systems.knee.phantoms.paint import Plane, add, stroke
from polyclinic.systems.knee.phantoms.patient import SIDES, Side

LEAD = 5.0
_STROKES: dict[Side, list[list[tuple[float, float]]]] = {
    "R": [
        [(0, 1), (0, 0), (0.4, 0), (0.58, 0.1), (0.62, 0.27), (0.56, 0.43), (0.4, 0.52), (0, 0.52)],
        [(0.3, 0.52), (0.65, 1)],
    ],
    "L": [[(0, 0), (0, 1), (0.6, 1)]],
}
_WITHOUT = 0.15
_BOTH = 0.4
_CLEAR_MM = 45.0


def add_markers(film: Plane, layout: Layout, rng: np.random.Generator) -> None:
    """Put the letters on the outer side of the knees that they belong to."""
    sides: tuple[Side, ...] = SIDES if layout.kind != "single" else (layout.legs[0].side,)
    sides = tuple(side for side in sides if side != layout.hidden)
    if rng.random() < _WITHOUT:
        return
    if len(sides) > 1 and rng.random() >= _BOTH:
        sides = (sides[rng.integers(2)],)
    height_mm, outwards = rng.uniform(9, 15), rng.uniform(9, 20) / layout.spacing_mm
    turn = np.radians(rng.normal(0, 5))
    for side in sides:
        left, right = layout.field[:, 0].min(), layout.field[:, 0].max()
        x = max(left, 0) + outwards if side == "R" else min(right, layout.size[1]) - outwards
        y = _clear_row(layout, rng)
        _add_letter(film, side, np.array([x, y]), height_mm, turn, layout)


def _clear_row(layout: Layout, rng: np.random.Generator) -> float:
    """A row well above or below all joints."""
    rows = rng.uniform(0.06, 0.94, 20) * layout.size[0]
    away = np.min([np.abs(rows - leg.centre[1]) for leg in layout.legs], axis=0)
    clear = rows[away * layout.spacing_mm > _CLEAR_MM]
    return float(clear[0]) if len(clear) else float(rows[np.argmax(away)])


def _add_letter(
    film: Plane,
    side: Side,
    middle: NDArray[np.float64],
    height_mm: float,
    turn: float,
    layout: Layout,
) -> None:
    height = height_mm / layout.spacing_mm
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    lines = [(np.array(one) - (0.32, 0.5)) @ spin.T * height + middle for one in _STROKES[side]]
    painted = stroke(lines, 0.15 * height, layout.size)
    if painted is not None:
        add(film, painted.left, painted.top, painted.coverage * np.float32(LEAD))
