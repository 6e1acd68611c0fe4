"""Thin a mask to lines of one pixel.

Masks of a vessel have a few thousand pixels. An operation on a number of as many bits takes a
tenth of a microsecond, less than the call of an array function alone.

Guo and Hall, "Parallel thinning with two-subiteration algorithms", Comm. ACM 32:359, 1989. The
pixels that stay are those of `skimage.morphology.thin`, which takes many times as long.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def to_bits(mask: NDArray[np.bool_]) -> tuple[int, int]:
    """The pixels of an (h, w) mask row by row, lowest bit first, and the bits a row takes.

    A bit that is never set ends each row, so that a shift sideways carries nothing into the next.
    """
    height, width = mask.shape
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, :width] = mask
    return int.from_bytes(np.packbits(rows, bitorder="little").tobytes(), "little"), width + 1


def from_bits(bits: int, shape: tuple[int, int]) -> NDArray[np.bool_]:
    """The (h, w) mask of such a number."""
    height, width = shape
    count = height * (width + 1)
    data = np.frombuffer(bits.to_bytes((count + 7) // 8, "little"), np.uint8)
    rows = np.unpackbits(data, count=count, bitorder="little").reshape(height, width + 1)
    return rows[:, :width].astype(bool)


def euler_number(bits: int, stride: int) -> int:
    """Parts less holes, where pixels are squares that meet at their corners too.

    Corners less edges plus faces. Source: Gray, IEEE Trans Comput C-20:551, 1971.
    """
    across, down = bits | bits << 1, bits | bits << stride
    corners = across | across << stride
    return corners.bit_count() - across.bit_count() - down.bit_count() + bits.bit_count()


def thin(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take pixels off the edge of an (h, w) mask until nothing changes."""
    image, stride = to_bits(mask)
    before = -1
    while before != image:
        before = image
        image = _step(image, stride, 0)
        image = _step(image, stride, 4)
    return from_bits(image, (mask.shape[0], mask.shape[1]))


def _step(image: int, stride: int, side: int) -> int:
    """What stays in the step for a side: 0 takes off what faces right and up, 4 the opposite."""
    x = _neighbours(image, stride)
    x0, x1, x2, x3, x4, x5, x6, x7 = x
    into = x0 | x1, x2 | x3, x4 | x5, x6 | x7
    out_of = x1 | x2, x3 | x4, x5 | x6, x7 | x0
    first, second = _less(out_of[0], x0), _less(out_of[1], x2)
    third, fourth = _less(out_of[2], x4), _less(out_of[3], x6)
    one_turn = _less((first | second) ^ (third | fourth), first & second | third & fourth)
    two_before, all_before = _two_and_all(*into)
    two_after, all_after = _two_and_all(*out_of)
    facing_away = _less(x[side], _less(x[(7 + side) % 8], x[1 + side] | x[2 + side]))
    removable = image & one_turn & two_before & two_after
    return image ^ _less(removable, all_before & all_after | facing_away)


def _less(some: int, others: int) -> int:
    """Those of some that are not among others: `some & ~others`, where ~ would be negative."""
    return (some | others) ^ others


def _neighbours(image: int, stride: int) -> tuple[int, ...]:
    """The eight neighbours of every pixel, counter-clockwise from the right."""
    above, below = image << stride, image >> stride
    return (
        image >> 1,
        above >> 1,
        above,
        above << 1,
        image << 1,
        below << 1,
        below,
        below >> 1,
    )


def _two_and_all(a: int, b: int, c: int, d: int) -> tuple[int, int]:
    """Where at least two of four are set, and where all are."""
    first, second = a & b, c & d
    return first | second | (a | b) & (c | d), first & second
