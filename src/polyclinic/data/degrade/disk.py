"""A disk in pixels."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

SLICES = 16
"""In which the columns of pixels are cut to measure how much of them a disk covers."""

Kernel = NDArray[np.float64]


@lru_cache(maxsize=8)
def disk_kernel(radius: float) -> Kernel:
    """An even disk with soft edges, (K, K), sum 1, variance radius^2 / 4 along each axis.

    Each pixel holds the share of it that a disk covers. Taking the covered light to the centre of
    its pixel widens the disk a little, by a variance of about 1/12; the disk is therefore drawn
    so much smaller that its variance is that of the disk meant. The kernel changes without jumps
    with the radius, down to a single pixel at 0.

    Args:
        radius: pixels, at least 0.
    """
    meant = radius**2 / 4
    drawn = radius
    if radius:
        drawn = brentq(lambda one: _variance(_covered(one)) - meant, 0.0, radius + 1.0)
    kernel = _covered(drawn)
    kernel.setflags(write=False)
    return kernel


def _covered(radius: float) -> Kernel:
    """Share of the disk in each pixel, exact along y, in thin slices along x, then both ways."""
    reach = max(0, math.ceil(radius - 0.5))
    slices = (np.arange((2 * reach + 1) * SLICES) + 0.5) / SLICES - reach - 0.5
    chord = np.sqrt(np.maximum(radius**2 - slices**2, 0))
    rows = np.arange(-reach, reach + 1)[:, None]
    covered = np.minimum(rows + 0.5, chord) - np.maximum(rows - 0.5, -chord)
    shares = np.maximum(covered, 0).reshape(2 * reach + 1, 2 * reach + 1, SLICES).mean(2)
    shares = shares + shares.T
    total = shares.sum()
    return shares / total if total else np.ones((1, 1))


def _variance(kernel: Kernel) -> float:
    reach = len(kernel) // 2
    return float(kernel.sum(0) @ np.arange(-reach, reach + 1.0) ** 2)
