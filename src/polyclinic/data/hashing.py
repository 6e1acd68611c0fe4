"""Perceptual hashes that find copies and near-copies of an image."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from polyclinic.sample import Pixels

SIDE = 64
FREQUENCIES = 16
THRESHOLD = 20
"""Bits of 255 by which near-duplicates may differ.

Over 300 microscopy, fundus, ultrasound and hand images, copies made smaller by a third, brighter
and saved as JPEG of quality 60 differed by at most 16 bits, different images by at least 28.
"""


def perceptual_hash(image: Pixels) -> NDArray[np.bool_]:
    """255 bits: which low frequencies are above their median (pHash; Zauner 2010).

    The frequencies are the first 16 x 16 cosines, without the mean, of a 64 x 64 thumbnail.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    small = cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(np.float32)
    waves = cv2.dct(small)[:FREQUENCIES, :FREQUENCIES].ravel()[1:]
    return np.asarray(waves > np.median(waves))


def look_alikes(
    hashes: NDArray[np.bool_], groups: Sequence[Hashable], threshold: int = THRESHOLD
) -> list[tuple[int, int, int]]:
    """(row, earlier row, differing bits): the nearest earlier look-alike from another group.

    One pair a row at most, so that many copies of one picture give many rows, not all pairs.

    Args:
        hashes: (N, 255).
        groups: group of each row; rows of one group are not compared.
        threshold: bits that may differ.
    """
    bits = hashes.astype(np.float32)
    ones = bits.sum(1)
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    group = np.array([numbers[one] for one in groups])
    pairs = []
    for row in range(1, len(bits)):
        distance = ones[:row] + ones[row] - 2 * (bits[:row] @ bits[row])
        distance[group[:row] == group[row]] = np.inf
        nearest = int(distance.argmin())
        if distance[nearest] <= threshold:
            pairs.append((row, nearest, int(distance[nearest])))
    return pairs
