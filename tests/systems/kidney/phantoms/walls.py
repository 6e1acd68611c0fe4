"""What lies along the loops of a tuft."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import map_coordinates

from polyclinic.systems.kidney.phantoms.deposit import deposits, paint_spots
from polyclinic.systems.kidney.phantoms.tuft import draw_tuft

SIDE = 512
RADIUS = 0.42  # of the tuft, as a share of the side
TURNS = 240


def painted(pattern, seed):
    """A tuft that nearly fills the image, and the (SIDE, SIDE) light of its deposits."""
    rng = np.random.default_rng(seed)
    tuft = draw_tuft(rng)
    plane = sum(
        paint_spots(0.5 + RADIUS * spots.places, spots.peaks, RADIUS * spots.width, SIDE)
        for spots in deposits(tuft, pattern, rng)
    )
    return tuft, plane


def along_loops(tuft, plane):
    """(L, TURNS) light along each loop."""
    number = len(tuft.radii)
    loop = np.repeat(np.arange(number), TURNS)
    turn = np.tile(np.arange(TURNS) * 2 * np.pi / TURNS, number)
    x, y = ((0.5 + RADIUS * tuft.wall(loop, turn)) * SIDE - 0.5).T
    return map_coordinates(plane, [y, x], order=1).reshape(number, TURNS)


def away_from_centre():
    """(SIDE, SIDE) distance from the centre of the tuft, in radii."""
    at = (np.arange(SIDE) + 0.5) / SIDE - 0.5
    return np.hypot(at[None], at[:, None]) / RADIUS
