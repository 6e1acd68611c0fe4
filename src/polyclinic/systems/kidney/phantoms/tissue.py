"""What shines faintly by itself: tubules, capsules, tufts; and where glomeruli lie.

Frame of a field: the unit square, x to the right, y downwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.phantoms.texture import cloud
from polyclinic.systems.kidney.phantoms.tuft import Tuft, draw_tuft, polar

_TWO, _CUT = 0.15, 0.2  # shares of the fields
_ALONE = (0.27, 0.375)  # radius of a tuft
_PAIRED = (0.19, 0.24)


@dataclass(frozen=True, eq=False, kw_only=True)
class Glomerulus:
    """A tuft in its capsule.

    Args:
        centre: (2,) x and y.
        radius: of the tuft.
        capsule: radius of Bowman's capsule.
        tuft: its loops.
    """

    centre: NDArray[np.float64]
    radius: float
    capsule: float
    tuft: Tuft


def draw_glomeruli(rng: np.random.Generator) -> tuple[Glomerulus, ...]:
    """One glomerulus, at times cut by the border, or two."""
    kind = rng.random()
    if kind < _TWO:
        return _pair(rng)
    radius = rng.uniform(*_ALONE)
    centre = rng.uniform(0.4, 0.6, 2)
    if kind < _TWO + _CUT:
        inside = rng.uniform(0.15, 0.6) * radius
        centre[rng.integers(2)] = rng.choice([inside, 1 - inside])
    return (_glomerulus(centre, radius, rng),)


def _pair(rng: np.random.Generator) -> tuple[Glomerulus, ...]:
    radii = rng.uniform(*_PAIRED, 2)
    offset = polar(0.65 * radii.sum() * rng.uniform(1, 1.15), rng.uniform(0, 2 * np.pi))
    middle = rng.uniform(0.45, 0.55, 2)
    first, second = middle - offset, middle + offset
    return (_glomerulus(first, radii[0], rng), _glomerulus(second, radii[1], rng))


def _glomerulus(centre: NDArray[np.float64], radius: float, rng: np.random.Generator) -> Glomerulus:
    capsule = radius * rng.uniform(1.08, 1.22)
    return Glomerulus(centre=centre, radius=radius, capsule=capsule, tuft=draw_tuft(rng))


Plane = NDArray[np.float32]
Floats = NDArray[np.float64]
Outlines = NDArray[np.int32]

_SHIFT = 4  # bits of a sub-pixel's position
_TURN = np.linspace(0, 2 * np.pi, 28, endpoint=False)
_STROMA, _EPITHELIUM, _MEMBRANE, _SPACE, _TUFT = 60, 150, 205, 22, 135  # of 255


def paint_tissue(glomeruli: Sequence[Glomerulus], side: int, rng: np.random.Generator) -> Plane:
    """(side, side) light of the unstained tissue, about 0 to 1.

    Args:
        glomeruli: of the field.
        side: of the image in px.
        rng: source of chance for the tubules and the texture.
    """
    canvas = np.full((side, side), _STROMA, np.uint8)
    thin = max(round(0.007 * side), 1)
    outer, inner = _tubules(glomeruli, side, rng)
    cv2.fillPoly(canvas, [*outer, *inner], _EPITHELIUM, cv2.LINE_AA, _SHIFT)  # lumens stay dark
    cv2.polylines(canvas, list(outer), True, _MEMBRANE, thin, cv2.LINE_AA, _SHIFT)
    for one in glomeruli:
        _add_glomerulus(canvas, one, thin, rng)
    light = cv2.GaussianBlur(canvas, (0, 0), max(0.006 * side, 0.5)).astype(np.float32)
    light *= 1 + 0.22 * cloud((side, side), (0.022 * side, 0.022 * side), rng)
    light *= np.clip(1 + 0.3 * cloud((side, side), (0.16 * side, 0.16 * side), rng), 0.3, 1.8)
    return np.asarray(np.maximum(light, 0) * np.float32(1 / 255))


def _add_glomerulus(
    canvas: NDArray[np.uint8], one: Glomerulus, thin: int, rng: np.random.Generator
) -> None:
    side = len(canvas)
    capsule = one.centre + polar(one.capsule * _wavy(1, 0.025, rng)[0], _TURN)
    outline = [_fixed(capsule, side)]
    cv2.fillPoly(canvas, outline, _SPACE, cv2.LINE_AA, _SHIFT)
    cv2.polylines(canvas, outline, True, _MEMBRANE, thin, cv2.LINE_AA, _SHIFT)
    discs = np.concatenate([one.tuft.loops, one.tuft.lobules, np.zeros((1, 2))])
    sizes = np.concatenate([one.tuft.radii, np.full(len(one.tuft.lobules), 0.3), [0.5]])
    middles = _fixed(one.centre + one.radius * discs, side)
    for (x, y), size in zip(middles, sizes * 1.05 * one.radius * side, strict=True):
        radius = round(size * 2**_SHIFT)
        cv2.circle(canvas, (int(x), int(y)), radius, _TUFT, -1, cv2.LINE_AA, _SHIFT)


def _tubules(
    glomeruli: Sequence[Glomerulus], side: int, rng: np.random.Generator
) -> tuple[Outlines, Outlines]:
    """(T, 28, 2) outlines of tubules packed around the glomeruli, and of their lumens."""
    pitch = rng.uniform(0.6, 0.72) * float(np.mean([one.radius for one in glomeruli]))
    middles = _packed(pitch, rng)
    free = np.ones(len(middles), bool)
    for one in glomeruli:
        away = np.hypot(*(middles - one.centre).T)
        free &= away > one.capsule + 0.4 * pitch
    middles = middles[free]
    number = len(middles)
    outer = 0.43 * pitch * _wavy(number, 0.05, rng)
    share = rng.uniform(0.25, 0.6, (number, 1))
    places = middles[:, None]
    rims = places + polar(outer, _TURN)
    lumens = places + polar(outer * share * _wavy(number, 0.07, rng), _TURN)
    return _fixed(rims, side), _fixed(lumens, side)


def _packed(pitch: float, rng: np.random.Generator) -> Floats:
    """(N, 2) places of a turned, shaken hexagonal grid over the unit square."""
    steps = np.arange(-int(0.8 / pitch) - 2, int(0.8 / pitch) + 3)
    column, row = (one.ravel() for one in np.meshgrid(steps, steps))
    grid = np.column_stack([column + 0.5 * (row % 2), 0.866 * row]) + rng.uniform(0, 1, 2)
    grid = pitch * (grid + rng.normal(0, 0.05, grid.shape))
    angle = rng.uniform(0, np.pi)
    turned = grid @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    places = turned + 0.5
    return places[((places > -pitch) & (places < 1 + pitch)).all(1)]


def _wavy(number: int, spread: float, rng: np.random.Generator) -> Floats:
    """(number, 28) radii about 1 of outlines that are not quite round."""
    waves = rng.normal(0, spread, (2, number, 1))
    phases = rng.uniform(0, 2 * np.pi, (2, number, 1))
    swing = waves[0] * np.cos(2 * _TURN + phases[0]) + waves[1] * np.cos(3 * _TURN + phases[1])
    return np.asarray(1 + swing, np.float64)


def _fixed(places: Floats, side: int) -> Outlines:
    """Places in the unit square to OpenCV's sub-pixels."""
    return np.rint((places * side - 0.5) * 2**_SHIFT).astype(np.int32)
