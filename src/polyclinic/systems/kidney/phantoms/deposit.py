"""Immune deposits as spots of light on the walls and in the mesangium, and their pixels."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.systems.kidney.phantoms.patient import Pattern
from polyclinic.systems.kidney.phantoms.tuft import Tuft

Plane = NDArray[np.float32]
Floats = NDArray[np.float64]

_SPREAD = 1 / 6  # variance in px² that sharing a point out between four pixels adds on average
_LEAST = 0.05


def paint_spots(places: Floats, peaks: Floats, width: float, side: int) -> Plane:
    """(side, side) sum of Gaussian spots.

    All spots are put down as points and blurred at once, so that thousands cost little.

    Args:
        places: (N, 2) x and y in the unit square; those outside of it shine in.
        peaks: (N,) brightness in the middle of each.
        width: standard deviation as a share of the side.
        side: of the image in px.
    """
    wide = width * side
    margin = int(np.ceil(3 * wide)) + 1
    full = side + 2 * margin
    points = _points(places * side - 0.5 + margin, 2 * np.pi * wide**2 * peaks, full)
    left = float(np.sqrt(max(wide**2 - _SPREAD, _LEAST)))
    spread = cv2.GaussianBlur(points, (0, 0), left, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(spread[margin:-margin, margin:-margin])


def _points(places: Floats, weights: Floats, side: int) -> Plane:
    """Share each weight out between the four pixels around its place."""
    corner = np.floor(places).astype(np.intp)
    inside = ((corner >= 0) & (corner < side - 1)).all(1)
    corner, weights = corner[inside], weights[inside]
    x, y = (places[inside] - corner).T
    first = corner[:, 1] * side + corner[:, 0]
    at = np.concatenate([first, first + 1, first + side, first + side + 1])
    shares = np.concatenate([(1 - x) * (1 - y), x * (1 - y), (1 - x) * y, x * y])
    plane = np.bincount(at, shares * np.tile(weights, 4), minlength=side * side)
    return plane.reshape(side, side).astype(np.float32)


def far_blur(plane: Plane, reach: float) -> Plane:
    """The plane, blurred widely; worked out on a coarse copy.

    Args:
        plane: (side, side).
        reach: standard deviation as a share of the side; 0.04 or more.
    """
    side = len(plane)
    coarse = min(side, 32)
    small = cv2.resize(plane, (coarse, coarse), interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(small, (0, 0), reach * coarse)
    return np.asarray(cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC))


MESANGIUM = 0.72
"""Share of the tuft's radius inside which all mesangial clumps have their centres."""

_WIDTH = (0.024, 0.032)  # standard deviation across a wall's deposit
_ALONG = 72  # spots that make an unbroken line
_SPACING = (3.3, 4.1)  # between granules, in widths
_OFF = 0.3  # widths by which a granule is moved
_TRIED = (36, 72)  # clumps that each lobule would have, were there no loops
_STALK = (0.2, 1.25)  # along which they lie, in shares of the way to the lobule's centre
_ASTRAY = 0.11  # and how far off it
_CLUMP_WIDTHS = (0.026, 0.038, 0.052)
_SECTION = (0.55, 1.15)  # how much of a loop's wall lies in the section
_LINE, _GRANULES, _CLUMP = 0.52, 0.74, 0.43  # brightness; so chosen that images of all are alike


@dataclass(frozen=True, eq=False, kw_only=True)
class Spots:
    """Gaussian spots of one width, in the frame of a tuft.

    Args:
        places: (N, 2) their middles.
        peaks: (N,) brightness there.
        width: standard deviation.
    """

    places: Floats
    peaks: Floats
    width: float


def deposits(tuft: Tuft, pattern: Pattern, rng: np.random.Generator) -> list[Spots]:
    """Draw the deposits of a disease.

    Args:
        tuft: where they may lie.
        pattern: `mesangial` clumps, `granular` or `linear` along the loops, or `mixed`: both
            clumps and granules.
        rng: source of chance.
    """
    if pattern == "mesangial":
        return mesangial(tuft, 1.0, rng)
    if pattern == "granular":
        return [granular(tuft, 1.0, rng)]
    if pattern == "linear":
        return [linear(tuft, 1.0, rng)]
    share = rng.uniform(0.5, 0.8, 2)
    return [*mesangial(tuft, share[0], rng), granular(tuft, share[1], rng)]


def linear(tuft: Tuft, strength: float, rng: np.random.Generator) -> Spots:
    """An unbroken line along each loop, a little brighter here than there."""
    number = len(tuft.radii)
    loop = np.repeat(np.arange(number), _ALONG)
    turn = np.tile(np.arange(_ALONG) * (2 * np.pi / _ALONG), number)
    width = rng.uniform(*_WIDTH)
    uneven = 1 + 0.22 * np.cos(turn - rng.uniform(0, 2 * np.pi, number)[loop])
    bright = _LINE * strength * rng.uniform(*_SECTION, number)[loop] * uneven
    places = tuft.wall(loop, turn)
    closed = places.reshape(number, _ALONG, 2)
    chord = np.linalg.norm(np.roll(closed, -1, 1) - np.roll(closed, 1, 1), axis=2).ravel()
    share = chord / 2 / (np.sqrt(2 * np.pi) * width)  # of the line's brightness, that a spot gives
    return Spots(places=places, peaks=bright * share, width=width)


def granular(tuft: Tuft, strength: float, rng: np.random.Generator) -> Spots:
    """Granules along each loop, with gaps between them."""
    number = len(tuft.radii)
    width = rng.uniform(*_WIDTH)
    spacing = width * rng.uniform(*_SPACING)
    counts = np.maximum(np.rint(2 * np.pi * tuft.radii / spacing).astype(int), 4)
    loop = np.repeat(np.arange(number), counts)
    place = np.concatenate([np.arange(one) for one in counts])
    place = place + rng.uniform(-0.24, 0.24, len(loop)) + rng.uniform(0, 1, number)[loop]
    turn = place * 2 * np.pi / counts[loop]
    section = rng.uniform(*_SECTION, number)[loop]
    peaks = _GRANULES * strength * section * rng.uniform(0.35, 1.35, len(loop))
    places = tuft.wall(loop, turn) + rng.normal(0, _OFF * width, (len(loop), 2))
    return Spots(places=places, peaks=peaks, width=width)


def mesangial(tuft: Tuft, strength: float, rng: np.random.Generator) -> list[Spots]:
    """Clumps in the mesangium: around the stalk of each lobule, between the loops."""
    lobule = np.repeat(np.arange(len(tuft.lobules)), rng.integers(*_TRIED))
    along = rng.uniform(*_STALK, len(lobule))[:, None]
    places = tuft.lobules[lobule] * along + rng.normal(0, _ASTRAY, (len(lobule), 2))
    between = np.linalg.norm(places[:, None] - tuft.loops, axis=2) > tuft.radii
    kept = between.all(1) & (np.linalg.norm(places, axis=1) < MESANGIUM)
    places, lobule = places[kept], lobule[kept]
    bright = rng.uniform(*_SECTION, len(tuft.lobules))[lobule]
    bright *= rng.uniform(0.3, 1.2, len(lobule))
    kind = rng.integers(len(_CLUMP_WIDTHS), size=len(lobule))
    return [
        Spots(
            places=places[kind == one],
            peaks=_CLUMP * strength * bright[kind == one],
            width=width,
        )
        for one, width in enumerate(_CLUMP_WIDTHS)
    ]
