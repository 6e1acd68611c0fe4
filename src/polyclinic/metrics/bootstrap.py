"""Patients as the unit of what is drawn, since images of one patient resemble each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from polyclinic.data.patients import patient_names
from polyclinic.metrics.figure import Values
from polyclinic.sample import Sample

_AT_ONCE = 1_000_000
"""Weights held in memory at a time."""


def patient_rows(samples: Sequence[Sample]) -> NDArray[np.intp]:
    """(N,) the number of each sample's patient, see `polyclinic.data.patients.patient_names`."""
    names = np.array(patient_names(samples), dtype=object).astype(str)
    return np.unique(names, return_inverse=True)[1].reshape(-1)


def patient_draws(patients: NDArray[np.intp], draws: int, seed: int = 0) -> Iterator[Values]:
    """(R, N) weights of cases when patients are drawn with replacement, some draws at a time.

    Args:
        patients: (N,) the number of each case's patient.
        draws: how many in all.
        seed: the same seed gives the same draws.
    """
    count = int(patients.max()) + 1
    random = np.random.default_rng(seed)
    step = max(1, _AT_ONCE // max(len(patients), 1))
    for first in range(0, draws, step):
        size = min(step, draws - first)
        yield random.multinomial(count, np.full(count, 1 / count), size)[:, patients].astype(float)


def effective_count(patients: NDArray[np.intp], weights: Values | None = None) -> float:
    """How many patients with equally many objects are worth as much as these (N,) of the cases.

    (sum of n)^2 / sum of n^2 for n objects a patient: all of them where n is the same.

    Args:
        patients: (N,) the number of each case's patient.
        weights: (N,) objects of each case; one unless given.
    """
    held = np.bincount(patients, weights).astype(float)
    squares = float((held**2).sum())
    return float(held.sum() ** 2 / squares) if squares else 0.0
