"""Precision against recall of found instances, over scores."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from polyclinic.metrics.detect.finds import finds_of, up_to
from polyclinic.metrics.figure import Values
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.pooled import divided


class PrPoints(NamedTuple):
    """A curve, one point a score, from the surest find on.

    Args:
        score: (K,) what is accepted from here on.
        precision: (K,) hits / found.
        recall: (K,) hits / annotated; NaN if nothing is annotated.
    """

    score: Values
    precision: Values
    recall: Values


def pr_points_of_matches(matched: Sequence[MatchedCase]) -> PrPoints:
    """The curve of matched cases, made with every candidate (`match_cases(..., min_score=0)`).

    Equal scores make one point. Classes are not looked at; finds in crowd regions do not count.
    """
    finds = finds_of(matched, np.arange(len(matched)), len(matched))
    hits, false = (one[0, 1:] for one in up_to(finds, np.ones((1, len(matched)))))
    annotated = np.full(len(hits), finds.annotated.sum())
    return PrPoints(finds.score[finds.ends], hits / (hits + false), divided(hits, annotated))
