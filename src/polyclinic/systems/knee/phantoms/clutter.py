"""What is on a film besides the patient: lead letters, folds of cloth, bandages, a ruler."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.knee.phantoms.layout import Layout
from polyclinic.systems.knee.phantoms.outline import through
from polyclinic.systems.knee.phantoms.paint import Plane, add, fill, stroke
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


Points = NDArray[np.float64]

_FOLDS, _BANDAGE, _RULER = 1.2, 0.10, 0.06


def add_clutter(film: Plane, layout: Layout, rng: np.random.Generator) -> None:
    """Add it to the attenuation of the legs."""
    cloth = np.zeros(layout.size, np.float32)
    for _ in range(rng.poisson(_FOLDS)):
        width, dense = rng.uniform(0.8, 4) / layout.spacing_mm, rng.uniform(0.015, 0.06)
        _add(cloth, [_fold(layout, rng)], width, dense, layout)
    if rng.random() < _BANDAGE:
        _add_bandage(cloth, layout, rng)
    film += cloth * np.minimum(film * np.float32(1.5), 1)  # cloth is seen where it is worn
    if rng.random() < _RULER:
        lines = _ruler(layout, rng)
        _add(film, lines, 0.8 / layout.spacing_mm, rng.uniform(0.3, 1.5), layout)


def _add(film: Plane, lines: list[Points], width: float, dense: float, layout: Layout) -> None:
    painted = stroke(lines, width, layout.size)
    if painted is not None:
        add(film, painted.left, painted.top, painted.coverage * np.float32(dense))


def _fold(layout: Layout, rng: np.random.Generator) -> Points:
    """A bent line across a leg."""
    leg = layout.legs[rng.integers(len(layout.legs))]
    middle = leg.centre + rng.normal(0, (10, 60)) / layout.spacing_mm
    slope, bend = rng.normal(0, 0.35), rng.normal(0, 12)
    x = np.linspace(-1, 1, 7)
    y = 70 * slope * x + bend * x**2 + rng.normal(0, 2, 7)
    return through(middle + np.column_stack([70 * x, y]) / layout.spacing_mm)


def _add_bandage(film: Plane, layout: Layout, rng: np.random.Generator) -> None:
    """A band of cloth around a leg: two edges that run across the bones."""
    upper = _fold(layout, rng)
    lower = upper[::-1] + np.array([0, rng.uniform(25, 60) / layout.spacing_mm])
    patch = fill(np.concatenate([upper, lower]), layout.size)
    if patch is not None:
        dense = np.float32(rng.uniform(0.02, 0.07))
        add(film, patch.left, patch.top, patch.coverage * dense)


def _ruler(layout: Layout, rng: np.random.Generator) -> list[Points]:
    """A scale in cm beside the legs or between them."""
    height, width = layout.size
    x = width * float(rng.choice([0.04, 0.5, 0.96]) + rng.normal(0, 0.01))
    step = 10 / layout.spacing_mm
    lines = [np.array([(x, 0.0), (x, height)])]
    for number, y in enumerate(np.arange(rng.uniform(0, step), height, step)):
        reach = (7 if number % 5 == 0 else 3.5) / layout.spacing_mm
        lines.append(np.array([(x, y), (x + reach, y)]))
    return lines
