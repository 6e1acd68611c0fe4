"""The bound that a value of a new patient keeps, whatever the distribution."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

_SLACK = 1e-9
"""Sums of shares such as 1/3 miss whole numbers by rounding."""


def patient_quantile(values: ArrayLike, patients: ArrayLike, level: float = 0.95) -> float | None:
    """The least bound that a value of a new patient stays under with probability `level`.

    Each of the K patients weighs 1/(K + 1), spread evenly over their values; the last 1/(K + 1)
    is the new patient's and lies at infinity. The promise holds when the new patient is
    exchangeable with the others, for any number of values a patient and any likeness among them.
    It is one on average over patients and sets of K: one patient may lie beyond with all images.

    Args:
        values: (M,); NaN is left out.
        patients: (M,) a number of each value's patient.
        level: 0 to 1, without the ends.

    Returns:
        None when the bound is infinite: fewer patients than `least_patients`.

    Source: Lee, Barber and Willett, "Distribution-free inference with hierarchical data",
    arXiv:2306.06342 (hierarchical conformal prediction).
    """
    flat, of = np.asarray(values, float), np.asarray(patients, np.intp)
    kept = np.isfinite(flat)
    flat = flat[kept]
    names, home, counts = np.unique(of[kept], return_inverse=True, return_counts=True)
    if len(names) < least_patients(level):
        return None
    order = np.argsort(flat, kind="stable")
    reached = np.cumsum(1 / counts[home[order]])
    wanted = level * (len(names) + 1) - _SLACK
    return float(flat[order[np.searchsorted(reached, wanted)]])


def least_patients(level: float = 0.95) -> int:
    """How many patients a finite bound needs: 19 for 95 %."""
    return max(1, math.ceil(level / (1 - level) - _SLACK))
