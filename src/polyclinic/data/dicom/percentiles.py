"""The values that become black and white where a file says nothing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.dicom.decode import Stored

LOWER, UPPER = 0.5, 99.5


def percentiles(values: Stored, counts: NDArray[np.int64] | None = None) -> tuple[float, float]:
    """Percentiles `LOWER` and `UPPER`, or the ends where these are one; zeros of no values.

    Args:
        values: (N,) finite ones.
        counts: (N,) how often each occurs, zero also; None: once.
    """
    if counts is not None:
        values, counts = values[counts > 0], counts[counts > 0]
    if not len(values):
        return 0.0, 0.0
    low, high = np.percentile(values, [LOWER, UPPER]) if counts is None else _of(values, counts)
    if low == high:
        low, high = values.min(), values.max()
    return float(low), float(high)


def _of(values: Stored, counts: NDArray[np.int64]) -> Stored:
    """(2,) what `np.percentile` gives, to the last bit, of values that occur more than once.

    Source: definition 7 of Hyndman, Fan: Sample quantiles in statistical packages, 1996, with
    NumPy's way to interpolate, from the nearer end.
    """
    order = np.argsort(values, kind="stable")
    last = counts[order].cumsum() - 1
    places = last[-1] * np.true_divide([LOWER, UPPER], 100)
    before = np.floor(places)
    share = places - before
    rows = np.searchsorted(last, [before, np.minimum(before + 1, last[-1])])
    one, other = values[order][rows]
    # In the type of the values, as NumPy has it: a step may wrap round in 16 bits.
    step = other - one
    return np.where(share >= 0.5, other - step * (1 - share), one + step * share)
