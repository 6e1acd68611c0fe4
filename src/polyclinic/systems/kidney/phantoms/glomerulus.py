"""Where the glomeruli of a field lie.

Frame of a field: the unit square, x to the right, y downwards.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

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
