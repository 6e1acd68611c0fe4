"""How many of the instances were found, and how many finds are real."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from polyclinic.metrics.matching import MatchedCase


@dataclass(frozen=True, kw_only=True)
class Detection:
    """Counts pooled over all images and the ratios of the pooled counts (micro average).

    Args:
        images: number of images.
        hits, missed, spurious: matched pairs, annotated alone, found alone.
        precision: hits / found; None when nothing was found.
        recall: hits / annotated; None when nothing was annotated.
        f1: 2 hits / (annotated + found); None when there is neither.
    """

    images: int
    hits: int
    missed: int
    spurious: int
    precision: float | None
    recall: float | None
    f1: float | None


def detection(matched: Sequence[MatchedCase]) -> Detection:
    """Class-agnostic precision, recall and F1 of instances, pooled over images."""
    hits = sum(len(one.match.pairs) for one in matched)
    missed = sum(len(one.match.missed) for one in matched)
    spurious = sum(len(one.match.spurious) for one in matched)
    return Detection(
        images=len(matched),
        hits=hits,
        missed=missed,
        spurious=spurious,
        precision=_ratio(hits, hits + spurious),
        recall=_ratio(hits, hits + missed),
        f1=_ratio(2 * hits, 2 * hits + missed + spurious),
    )


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
