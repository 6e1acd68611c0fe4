"""Whether the stated risk of an event can be acted on: recalibration and net benefit.

The event is the positive one of two values, the risk its probability.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

from polyclinic.metrics.figure import Values

LEAST = 1e-6
"""Risks nearer to 0 or 1 than this are taken as this: their log odds are infinite."""

STEEPEST = 100.0
"""A slope beyond it is what is left of an infinite one, where risks tell the values apart."""

_STEPS = 50
_CLOSE = 1e-9
_AT_ONCE = 1_000_000


def recalibration(risk: Values, happened: NDArray[np.bool_], weights: Values) -> Values:
    """(R, 2) intercept and slope of log odds of the event over those that were stated.

    logit P(event) = a + b logit(risk): a = 0 and b = 1 where risks are calibrated. b below 1:
    risks are too extreme, as after overfitting; above 1: too timid. NaN where there is no finite
    answer: one value alone, or values that risks tell apart without error.

    Args:
        risk: (M,) 0 to 1.
        happened: (M,).
        weights: (R, M).

    Sources: Cox, Biometrika 1958; 45:562-565; Van Calster et al., J Clin Epidemiol 2016;
    74:167-176 (weak calibration).
    """
    odds = _log_odds(risk)
    return _fitted(np.stack([np.ones_like(odds), odds]), np.zeros_like(odds), happened, weights)


def calibration_intercept(risk: Values, happened: NDArray[np.bool_], weights: Values) -> Values:
    """(R,) how far log odds are too low on the whole: a of logit P(event) = a + logit(risk).

    NaN where one value alone counts.

    Args:
        risk: (M,) 0 to 1.
        happened: (M,).
        weights: (R, M).

    Source: Van Calster et al., BMC Medicine 2019; 17:230 (calibration in the large).
    """
    odds = _log_odds(risk)
    return _fitted(np.ones((1, len(odds))), odds, happened, weights)[:, 0]


def benefits(risk: Values, happened: NDArray[np.bool_], threshold: float) -> Values:
    """(M,) what each object adds to the net benefit of acting on risks from a threshold on.

    1 for an event that is acted on, minus the odds of the threshold for what is acted on in
    vain; their mean is the net benefit, in events found per object at no harm.

    Args:
        risk: (M,); NaN, where none was stated, is acted on in vain or not in need.
        happened: (M,).
        threshold: risk from which on one acts, 0 to 1, without either.

    Source: Vickers and Elkin, Medical Decision Making 2006; 26:565-574.
    """
    unknown = np.isnan(risk)
    acted = np.where(unknown, ~happened, risk >= threshold)
    return np.where(acted, np.where(happened, 1.0, -threshold / (1 - threshold)), 0.0)


def _log_odds(risk: Values) -> Values:
    return np.asarray(logit(np.clip(risk, LEAST, 1 - LEAST)))


def _fitted(terms: Values, offset: Values, happened: NDArray[np.bool_], weights: Values) -> Values:
    """(R, T) coefficients of (T, M) terms by Newton's method, for some weights at a time."""
    step = max(1, _AT_ONCE // max(len(offset), 1))
    parts = [
        _newton(terms, offset, happened.astype(float), weights[first : first + step])
        for first in range(0, len(weights), step)
    ]
    return np.concatenate([np.zeros((0, len(terms))), *parts])


def _newton(terms: Values, offset: Values, happened: Values, weights: Values) -> Values:
    found = np.zeros((len(weights), len(terms)))
    both = (weights @ happened > 0) & (weights @ (1 - happened) > 0)
    if len(terms) > 1 and both.any():  # a slope needs log odds that vary
        shown = np.where(weights > 0, terms[1], np.nan)
        both &= np.ptp(np.nan_to_num(shown, nan=terms[1].mean()), axis=1) > 0
    settled = ~both
    for _ in range(_STEPS):
        if settled.all():
            break
        open_ = np.flatnonzero(~settled)
        p = expit(found[open_] @ terms + offset)
        pull = (weights[open_] * (happened - p)) @ terms.T
        curvature = np.einsum("rm,sm,tm->rst", weights[open_] * p * (1 - p), terms, terms)
        curvature += 1e-12 * np.eye(len(terms))
        moved = np.clip(np.linalg.solve(curvature, pull[..., None])[..., 0], -5, 5)
        found[open_] += moved
        settled[open_] = (np.abs(moved).max(1) < _CLOSE) | (np.abs(found[open_]) > STEEPEST).any(1)
    lost = ~both | ~settled | (np.abs(found) > STEEPEST).any(1)
    found[lost] = np.nan
    return found
