"""Tolerance scale of a network output: which difference of two computations of it matters.

A difference is judged by what is read of an output, never by the largest value that it happens to
have on an image: a map of probabilities that finds nothing is 1e-7 everywhere, and a log-odds of
-50 against minus infinity changes nothing that anybody reads.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[Any]
NEGLIGIBLE = 16.0
"""Log-odds beyond which a probability is 0 or 1 to 7 digits: how far beyond is not read."""


def _as_it_is(values: Values) -> Values:
    return values


def _one_of(values: Values) -> Values:
    most = values.max(-1, keepdims=True, initial=-np.inf)
    return np.maximum(values, most - NEGLIGIBLE)


def _each(values: Values) -> Values:
    return np.asarray(np.clip(values, -NEGLIGIBLE, NEGLIGIBLE))


@dataclass(frozen=True, kw_only=True)
class Scale:
    """On which an output is compared.

    Args:
        unit: a difference that counts as 1, in the unit of the output.
        grows: whether a unit is at least the largest value of the output; for values without
            bounds, of which only so many digits are right.
        read_as: what the values are compared as, such as log-odds without what is negligible.
    """

    unit: float = 1.0
    grows: bool = False
    read_as: Callable[[Values], Values] = _as_it_is

    def apart(self, wanted: Values, given: Values) -> float:
        """Largest difference in units; the same infinity at one place is no difference.

        Infinite where the shapes differ, where only one of the two is finite, and where either is
        NaN: an answer that is no number agrees with nothing, not even with itself.
        """
        if wanted.shape != given.shape:
            return np.inf
        with np.errstate(invalid="ignore", over="ignore"):
            one, other = (self.read_as(side.astype(np.float64)) for side in (wanted, given))
            worst = np.where(one == other, 0.0, np.abs(one - other)).max(initial=0.0)
        if not np.isfinite(worst):
            return np.inf
        size = np.abs(one[np.isfinite(one)]).max(initial=0.0) if self.grows else 0.0
        return float(worst / max(self.unit, size))


SHARES = Scale()
"""Probabilities, and whatever else lies between 0 and 1."""
PIXELS = Scale(unit=10.0)
"""Places in network pixels: a hundredth of one is a thousandth of a unit."""
PLACES = Scale(unit=0.1)
"""Places in a box, as shares of its sides."""
VALUES = Scale(grows=True)
"""Values without bounds, such as features and scores: units, and as many digits."""
ONE_OF = Scale(grows=True, read_as=_one_of)
"""Log-odds along the last axis, of which one is right."""
EACH = Scale(grows=True, read_as=_each)
"""Log-odds of answers that don't depend on each other."""
