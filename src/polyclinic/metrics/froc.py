"""Precision against recall, and free-response ROC, of found instances."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from polyclinic.metrics.detect.finds import Finds, finds_of, up_to
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.pooled import divided


def precision_at(finds: Finds, weights: Values, recalls: Values) -> Values:
    """Best precision of the scores that reach a recall; 0 where none does.

    Scores that accept nothing under the weights have no precision and are passed over. Finds in
    crowd regions do not count.

    Args:
        finds: of N cases, every candidate (`match_cases(..., min_score=0)`).
        weights: (N,).
        recalls: (G,) 0 to 1.

    Returns:
        (G,); NaN where nothing is annotated.
    """
    hits, false = (one[0, 1:] for one in up_to(finds, weights[None]))
    true = float(weights @ finds.annotated)
    if not true:
        return np.full(len(recalls), np.nan)
    best = np.fmax.accumulate(divided(hits, hits + false)[::-1])[::-1]
    place = np.searchsorted(hits / true, recalls - 1e-12, side="left")
    return np.append(np.nan_to_num(best), 0.0)[place]


RATES: Values = np.array([1 / 8, 1 / 4, 1 / 2, 1, 2, 4, 8])
"""False finds an image at which the challenges read the curve."""

_AT_ONCE = 250_000
"""Weights looked at together: few enough to stay in a processor's cache."""


class FrocPoints(NamedTuple):
    """A curve, one point a score, from the surest find on.

    Args:
        score: (K,) what is accepted from here on; infinite at the start, where nothing is.
        false_per_image: (K,).
        sensitivity: (K,) share of annotated instances that are found; NaN if there are none.
    """

    score: Values
    false_per_image: Values
    sensitivity: Values


def froc_points(matched: Sequence[MatchedCase]) -> FrocPoints:
    """The curve of matched cases, made with every candidate (`match_cases(..., min_score=0)`).

    Equal scores make one point. Finds in crowd regions don't count, and neither do images that
    could not be read where false finds are told by image.
    """
    finds = finds_of(matched, np.arange(len(matched)), len(matched))
    hits, false = (one[0] for one in up_to(finds, np.ones((1, len(matched)))))
    images, true = (np.full(len(hits), some.sum()) for some in (finds.images, finds.annotated))
    return FrocPoints(
        np.append(np.inf, finds.score[finds.ends]), divided(false, images), divided(hits, true)
    )


def froc_mean(finds: Finds) -> Figure:
    """Mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false finds an image.

    Source: Setio et al. (LUNA16), Medical Image Analysis 2017; 42:1-13, section 4.2; CAMELYON16
    reads the curve in the same way, linear between points and level beyond the last.
    """
    return Figure(
        name="froc_mean",
        weighted=lambda weights: sensitivities(finds, weights).mean(1),
        meaning="mean sensitivity at 1/8, 1/4, 1/2, 1, 2, 4 and 8 false finds an image (FROC); "
        "a hit overlaps by half (mask, else box) and has the right class",
        group="instances",
        better="higher",
        counts=finds.annotated,
    )


def sensitivities(finds: Finds, weights: Values, rates: Values = RATES) -> Values:
    """(R, len(rates)) sensitivity at rates of false finds an image; NaN where none is annotated.

    Args:
        finds: of N cases.
        weights: (R, N).
        rates: false finds an image.
    """
    step = max(1, _AT_ONCE // max(len(finds.case), 1))
    images, true = weights @ finds.images, weights @ finds.annotated
    found = [
        np.interp(rates * looked, false, hits)
        for first in range(0, len(weights), step)
        for looked, hits, false in zip(
            images[first : first + step], *up_to(finds, weights[first : first + step]), strict=True
        )
    ]
    return divided(np.array(found).reshape(-1, len(rates)), true[:, None] * np.ones(len(rates)))
