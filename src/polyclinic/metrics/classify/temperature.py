"""Temperature scaling of class probabilities, fitted on hits.

The order of the classes stays as it was, so nothing but calibration changes. Fit it on images
that nothing else is judged on.

Source: Guo et al., ICML 2017, section 4.2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax

from polyclinic.metrics.figure import Values
from polyclinic.metrics.matching import MatchedCase


@dataclass(frozen=True, eq=False, kw_only=True)
class HitClasses:
    """M hits whose class is annotated and read with probabilities.

    Args:
        rows: (M,) which of the matched cases each is in.
        true: (M,) annotated class.
        probabilities: (M, C), each row adding up to 1.
    """

    rows: NDArray[np.intp]
    true: NDArray[np.intp]
    probabilities: Values


def hit_classes(matched: Sequence[MatchedCase]) -> HitClasses | None:
    """Gather hits; None where no reading states probabilities of several classes."""
    found = [
        (row, true.category, read.probabilities)
        for row, one in enumerate(matched)
        for true, read in one.pairs
        if true.category is not None
        and read.probabilities is not None
        and len(read.probabilities) > 1
        and read.probabilities.sum() > 0
    ]
    if not found:
        return None
    rows, true, shares = zip(*found, strict=True)
    stated = np.array(shares, float)
    return HitClasses(
        rows=np.array(rows, np.intp),
        true=np.array(true, np.intp),
        probabilities=stated / stated.sum(1, keepdims=True),
    )


COOLEST, HOTTEST = 0.05, 20.0
"""Beyond these probabilities are all but 0 and 1, or all but equal."""

_LEAST = float(np.finfo(float).tiny)


def apply_temperature(probabilities: Values, temperature: float) -> Values:
    """(M, C) softmax(log p / T); a temperature above 1 flattens.

    Args:
        probabilities: (M, C).
        temperature: T; NaN gives NaN.
    """
    return np.asarray(softmax(_logarithms(probabilities) / temperature, axis=1))


def apply_binary_temperature(probability: Values, temperature: float) -> Values:
    """(M,) the same for probabilities of the positive one of two classes."""
    return apply_temperature(_two_columns(probability), temperature)[:, 1]


def fit_temperature(probabilities: Values, labels: NDArray[np.integer]) -> float:
    """The temperature of the least negative log-likelihood, between 0.05 and 20.

    An end of that range is what probabilities get that are always right, or no better than
    chance. Objects with an unknown probability are left out.

    Args:
        probabilities: (M, C).
        labels: (M,) 0 ... C - 1.

    Returns:
        T; NaN where there is nothing to fit it to.
    """
    known = ~np.isnan(probabilities).any(1)
    if not known.any():
        return float("nan")
    logarithms = _logarithms(probabilities[known])
    true = np.asarray(labels)[known][:, None]

    def loss(log_temperature: float) -> float:
        cooled = log_softmax(logarithms / np.exp(log_temperature), axis=1)
        return float(-np.take_along_axis(cooled, true, 1).mean())

    bounds = (np.log(COOLEST), np.log(HOTTEST))
    found = minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return float(np.exp(found.x))


def fit_binary_temperature(probability: Values, positive: NDArray[np.bool_]) -> float:
    """The same for (M,) probabilities of the positive one of two classes."""
    return fit_temperature(_two_columns(probability), np.asarray(positive, int))


def _logarithms(probabilities: Values) -> Values:
    return np.log(np.maximum(np.asarray(probabilities, float), _LEAST))


def _two_columns(probability: Values) -> Values:
    return np.column_stack([1 - probability, probability])
