"""Quantiles of many objects for many sets of weights of their cases."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float64]

_GATHERING = 30
"""How much longer it takes to gather a weight than to multiply one."""


class Ranked:
    """M ascending values of objects that belong to N cases.

    The objects are cut into blocks of neighbours. How often each case occurs in each block is
    counted once, so that one matrix product says which block holds a quantile; only the objects
    of that block are then looked at one by one. For 1.4 million landmarks and 2,000 draws that
    is a hundredth of the work.

    Args:
        values: (M,) ascending.
        rows: (M,) the case of each.
        cases: N.
    """

    def __init__(self, values: Values, rows: NDArray[np.intp], cases: int) -> None:
        self._values, self._rows = values, rows
        blocks = max(1, round((_GATHERING * len(values) / max(cases, 1)) ** 0.5))
        self._size = max(1, -(-len(values) // blocks))
        self._blocks = max(1, -(-len(values) // self._size))
        block = np.arange(len(values)) // self._size
        counts = np.bincount(rows * self._blocks + block, minlength=cases * self._blocks)
        self._counts = counts.reshape(cases, self._blocks).astype(float)

    @property
    def counts(self) -> Values:
        """(N,) objects of each case."""
        return np.asarray(self._counts.sum(1))

    def up_to(self, value: float) -> Values:
        """(N,) objects of each case that are no larger than a value."""
        last = np.searchsorted(self._values, value, side="right")
        return np.bincount(self._rows[:last], minlength=len(self._counts)).astype(float)

    def quantiles(self, weights: Values, share: float) -> Values:
        """(R,) quantiles for (R, N) weights, which say how often each case occurs.

        Linear between neighbours, as numpy's default for the repeated values; NaN where no
        object counts.
        """
        if not len(self._values):
            return np.full(len(weights), np.nan)
        reached = (weights @ self._counts).cumsum(1)
        total = reached[:, -1]
        place = share * np.maximum(total - 1, 0)
        below = np.floor(place)
        bounds = np.stack([below, np.minimum(below + 1, total - 1)], axis=1)
        low, high = self._first_beyond(weights, reached, bounds).T
        return np.where(total > 0, low + (place - below) * (high - low), np.nan)

    def _first_beyond(self, weights: Values, reached: Values, bounds: Values) -> Values:
        """(R, 2) the first values at which the running total of weights exceeds two bounds."""
        blocks = np.stack([(reached <= bound[:, None]).sum(1) for bound in bounds.T], axis=1)
        blocks = np.minimum(blocks, self._blocks - 1)
        before = np.take_along_axis(reached, np.maximum(blocks - 1, 0), 1)
        rest = bounds - np.where(blocks > 0, before, 0)
        found = np.empty(bounds.shape)
        for row, (first, last) in enumerate(blocks.tolist()):
            if first == last:  # neighbours, nearly always
                found[row] = self._in_block(first, weights[row], rest[row])
            else:
                found[row, :1] = self._in_block(first, weights[row], rest[row, :1])
                found[row, 1:] = self._in_block(last, weights[row], rest[row, 1:])
        return found

    def _in_block(self, block: int, weights: Values, bounds: Values) -> Values:
        part = slice(block * self._size, (block + 1) * self._size)
        running = weights[self._rows[part]].cumsum()
        places = np.searchsorted(running, bounds, "right")
        return self._values[part][np.minimum(places, len(running) - 1)]


@dataclass(frozen=True, eq=False)
class Quantile:
    """What a figure is a quantile of.

    Args:
        objects: all values.
        share: of them that lie below it.
    """

    objects: Ranked
    share: float

    def __call__(self, weights: Values) -> Values:
        """(R,) it, for (R, N) weights."""
        return self.objects.quantiles(weights, self.share)
