"""Thin a mask to lines of one pixel.

Guo and Hall, "Parallel thinning with two-subiteration algorithms", Comm. ACM 32:359, 1989. The
pixels that stay are those of `skimage.morphology.thin`, which takes several times as long.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

# Each neighbour is a bit, counter-clockwise from the right.
BITS = np.array([[8, 4, 2], [16, 0, 1], [32, 64, 128]], np.float32)


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take pixels off the edge of an (h, w) mask until nothing changes."""
    image = np.pad(mask, 1).astype(np.uint8)
    left = -1
    while left != (left := int(np.count_nonzero(image))):
        for removable in (FIRST, SECOND):
            neighbours = cv2.filter2D(image, -1, BITS, borderType=cv2.BORDER_CONSTANT)
            image &= np.asarray(cv2.LUT(neighbours, removable), np.uint8)
    return image[1:-1, 1:-1].astype(bool)


def _kept(side: int) -> NDArray[np.uint8]:
    """1 for each of the 256 neighbourhoods whose centre stays in the step for a side."""
    x = np.arange(256)[:, None] >> np.arange(9) % 8 & 1 == 1  # x[:, 8] is x[:, 0] again
    turns = sum((~x[:, i] & (x[:, i + 1] | x[:, (i + 2) % 8])).astype(int) for i in (0, 2, 4, 6))
    odd = (1, 3, 5, 7)
    before = sum((x[:, k] | x[:, k - 1]).astype(int) for k in odd)
    after = sum((x[:, k] | x[:, (k + 1) % 8]).astype(int) for k in odd)
    fewer = np.minimum(before, after)
    on_side = (x[:, 1 + side] | x[:, 2 + side] | ~x[:, (7 + side) % 8]) & x[:, side]
    return (~((turns == 1) & ((fewer == 2) | (fewer == 3)) & ~on_side)).astype(np.uint8)


FIRST, SECOND = _kept(0), _kept(4)
