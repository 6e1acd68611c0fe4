"""The capillary tuft of a glomerulus: lobules, each with its loops around a mesangial stalk.

Frame of a tuft: its centre is the origin, its radius 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.intp]

_LOBULES = (4, 5, 5, 5, 6)
_STALK = 0.60  # from the centre of the tuft to that of a lobule
_WAVES = np.array([2, 3, 4])
_WAVE_SPREAD = np.array([0.16, 0.09, 0.05])
_MOST = 0.42  # of a loop's radius, by which its wall departs from a circle
_APART = np.array(
    [0.0, 0.0, 1.75, 1.48, 1.31]
)  # radians between loops of a lobule, by their number
_AROUND = np.array([0.0, 0.0, 0.23, 0.24, 0.26])  # from the lobule's centre to its loops
_RADIUS = np.array([0.0, 0.0, 0.20, 0.175, 0.155])
_HUB_RADIUS = 0.15
_PUSHES = 7
_HUB = (2, 4)  # loops in the middle of the tuft


@dataclass(frozen=True, eq=False, kw_only=True)
class Tuft:
    """Capillary loops and the mesangium between them.

    Args:
        lobules: (M, 2) centres of the lobules, where the mesangium widens.
        loops: (L, 2) centres of the loops.
        radii: (L,) their mean radii.
        waves: (L, 3) departures of the walls from a circle, 2, 3 and 4 times a turn.
        phases: (L, 3) of these.
    """

    lobules: Floats
    loops: Floats
    radii: Floats
    waves: Floats
    phases: Floats

    def wall(self, loop: Integers, turn: Floats) -> Floats:
        """(N, 2) points of the walls.

        Args:
            loop: (N,) which loop.
            turn: (N,) angle around it in radians.
        """
        swing = np.cos(turn[:, None] * _WAVES - self.phases[loop])
        reach = self.radii[loop] * (1 + np.sum(self.waves[loop] * swing, axis=1))
        return self.loops[loop] + polar(reach, turn)


def polar(reach: Floats | float, angle: Floats | float) -> Floats:
    """(N, 2) points at a distance from the origin, in directions in radians."""
    return np.stack([reach * np.cos(angle), reach * np.sin(angle)], axis=-1)


def draw_tuft(rng: np.random.Generator) -> Tuft:
    """Draw a tuft: about five lobules, one every 72 degrees, of two to four loops each.

    A few more loops lie between the lobules.
    """
    number = int(rng.choice(_LOBULES))
    steps = np.arange(number) + rng.uniform(-0.12, 0.12, number)
    angles = rng.uniform(0, 2 * np.pi) + steps * 2 * np.pi / number
    lobules = polar(_STALK * rng.uniform(0.9, 1.08, number), angles)
    counts = rng.integers(2 if number > 4 else 3, 5, number)
    owner = np.repeat(np.arange(number), counts)
    place = np.concatenate([np.arange(one) - (one - 1) / 2 for one in counts])
    many = counts[owner]
    around = angles[owner] + place * _APART[many] + rng.normal(0, 0.1, len(owner))
    hub = rng.normal(0, 0.12, (rng.integers(_HUB[0], _HUB[1] + 1), 2))
    centres = np.concatenate([lobules[owner] + polar(_AROUND[many], around), hub])
    usual = np.concatenate([_RADIUS[many], np.full(len(hub), _HUB_RADIUS)])
    radii = usual * rng.uniform(0.75, 1.2, len(usual))
    waves = rng.normal(0, _WAVE_SPREAD, (len(radii), 3))
    waves *= np.minimum(_MOST / np.abs(waves).sum(1, keepdims=True), 1)
    return Tuft(
        lobules=lobules,
        loops=_apart(centres, radii),
        radii=radii,
        waves=waves,
        phases=rng.uniform(0, 2 * np.pi, (len(radii), 3)),
    )


def _apart(centres: Floats, radii: Floats) -> Floats:
    """Push loops apart until they hardly overlap, and back into the tuft."""
    touching = 1.06 * (radii[:, None] + radii)
    np.fill_diagonal(touching, 0)
    for _ in range(_PUSHES):
        between = centres[:, None] - centres
        distance = np.maximum(np.hypot(between[..., 0], between[..., 1]), 1e-6)
        push = np.maximum(touching - distance, 0) / distance
        centres = centres + 0.4 * np.sum(between * push[..., None], axis=1)
        away = np.hypot(centres[:, 0], centres[:, 1])
        centres = centres * np.minimum((0.97 - radii) / np.maximum(away, 1e-6), 1)[:, None]
    return centres
