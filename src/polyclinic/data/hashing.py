"""Perceptual hashes that find copies and near-copies of an image."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Pixels

SIDE = 16
THRESHOLD = 10
"""Bits of 256 by which near-duplicates may differ."""


def perceptual_hash(image: Pixels) -> NDArray[np.bool_]:
    """256 bits: whether each of 16 x 16 cells is darker than its right neighbour (dHash).

    Stays nearly the same under resizing, compression and small changes of brightness.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE + 1, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    return (small[:, 1:] > small[:, :-1]).ravel()


def close_pairs(
    hashes: NDArray[np.bool_], threshold: int = THRESHOLD
) -> list[tuple[int, int, int]]:
    """(row, row, differing bits) of all pairs of (N, 256) hashes within the threshold."""
    bits = hashes.astype(np.float32)
    set_bits = bits.sum(1)
    pairs = []
    for row in range(len(bits) - 1):
        later = slice(row + 1, None)
        distance = set_bits[row] + set_bits[later] - 2 * (bits[later] @ bits[row])
        for other in np.flatnonzero(distance <= threshold):
            pairs.append((row, row + 1 + int(other), int(distance[other])))
    return pairs
