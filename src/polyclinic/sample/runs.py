"""Compressed runs of many masks of one image to patches, without a loop over runs.

Shape letters: M masks, R runs of the mask that has most, padded with runs of length 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Runs = NDArray[np.int64]
Placed = tuple[NDArray[np.bool_], int, int]

_MOST_DIGITS = 12


def patches_at_once(texts: Sequence[bytes], size: tuple[int, int]) -> list[Placed] | None:
    """The tight patch of each mask with its left column and top row.

    Args:
        texts: M masks as pycocotools compresses them.
        size: (height, width) of their image.

    Returns:
        None where any text is faulty, or its runs do not fill the image.
    """
    if not texts:
        return []
    runs = _unpacked(texts)
    if runs is None:
        return None
    edges = runs.cumsum(1)
    pixels = size[0] * size[1]
    if (runs < 0).any() or (edges[:, -1] != pixels).any():
        return None
    return _patches(edges[:, 0::2], edges[:, 1::2], size[0])


def _unpacked(texts: Sequence[bytes]) -> Runs | None:
    """(M, R) runs, R even: base-32 digits, differences to the last but one run."""
    digits = np.frombuffer(b"".join(texts), np.uint8).astype(np.int64) - 48
    ends = np.cumsum([len(text) for text in texts])
    if not all(texts) or digits.min() < 0 or digits.max() > 63 or (digits[ends - 1] & 32).any():
        return None
    last = np.flatnonzero(digits < 32)
    first = np.concatenate([[0], last[:-1] + 1])
    lengths = last - first + 1
    if lengths.max() > _MOST_DIGITS:
        return None
    place = np.arange(len(digits)) - np.repeat(first, lengths)
    values = np.add.reduceat((digits & 31) << (5 * place), first)
    values -= ((digits[last] & 16) > 0) * (np.int64(1) << (5 * lengths))
    stop = np.searchsorted(last, ends - 1, side="right")
    count = np.diff(stop, prepend=0)
    most = int(count.max())
    runs = np.zeros((len(texts), most + most % 2), np.int64)
    held = np.arange(runs.shape[1]) < count[:, None]
    runs[held] = values
    runs[:, 1::2] = runs[:, 1::2].cumsum(1)
    runs[:, 2::2] = runs[:, 2::2].cumsum(1)
    return np.where(held, runs, 0)


def _patches(start: Runs, stop: Runs, height: int) -> list[Placed]:
    """Fill patches from where the runs of ones start and stop, (M, R / 2), down the columns."""
    filled = stop > start
    first, final = start // height, (stop - 1) // height
    highest, lowest = start - first * height, stop - 1 - final * height
    left = np.where(filled, first, _FAR).min(1)
    columns = np.where(filled, final, -1).max(1) - left + 1
    wraps = (filled & (first != final)).any(1)
    top = np.where(wraps, 0, np.where(filled, highest, _FAR).min(1))
    rows = np.where(wraps, height, np.where(filled, lowest, -1).max(1) - top + 1)
    empty = ~filled.any(1)
    left[empty] = top[empty] = rows[empty] = columns[empty] = 0
    base = np.concatenate([[0], np.cumsum(rows * columns)])
    mask, _ = np.nonzero(filled)
    origin = base[mask] - top[mask]
    steps = np.zeros(base[-1] + 1, np.int8)
    steps[origin + (first[filled] - left[mask]) * rows[mask] + highest[filled]] += 1
    steps[origin + (final[filled] - left[mask]) * rows[mask] + lowest[filled] + 1] -= 1
    flat = steps[:-1].cumsum(dtype=np.int8).view(np.bool_)
    shapes = zip(
        *(values.tolist() for values in (base[:-1], base[1:], columns, rows, left, top, wraps)),
        strict=True,
    )
    return [
        _tight(flat[a:b].reshape(w, h).T, x, y) if wrapped else (flat[a:b].reshape(w, h).T, x, y)
        for a, b, w, h, x, y, wrapped in shapes
    ]


_FAR = np.iinfo(np.int64).max


def _tight(patch: NDArray[np.bool_], left: int, top: int) -> Placed:
    """Without the empty rows above and below; runs that wrap leave no empty columns."""
    used = np.flatnonzero(patch.any(1))
    return patch[used[0] : used[-1] + 1], left, top + int(used[0])
