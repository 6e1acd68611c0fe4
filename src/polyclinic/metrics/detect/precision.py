"""Average precision and recall for any weights of cases, from matches found once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from polyclinic.metrics.detect.areas import AREAS
from polyclinic.metrics.detect.coco_matches import CocoMatches, Flags
from polyclinic.metrics.detect.objects import Rows
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

RECALLS: Values = np.linspace(0, 1, 101)

AT = {"": slice(None), "50": slice(0, 1), "75": slice(5, 6)}
"""Which overlap thresholds a figure is the mean of."""

_AT_ONCE = 250_000
"""Weights looked at together: few enough to stay in a processor's cache."""


class Runs(NamedTuple):
    """Hits that follow one another without a false find between them.

    Precision rises along a run, so that only its end matters.

    Args:
        hits: (H,) places of all hits among the D finds.
        last: (S,) places of the ends of runs among the hits.
        ends: (S,) places of the ends of runs among the finds.
    """

    hits: Rows
    last: Rows
    ends: Rows


@dataclass(frozen=True, eq=False, kw_only=True)
class Ranked:
    """The found instances of one class by descending score, for one range of area.

    Args:
        case: (D,) the case of each.
        hit, counted: (T, D) flags at each threshold.
        annotated: (N,) how many instances of the class each case holds.
    """

    case: Rows
    hit: Flags
    counted: Flags
    annotated: Values

    @cached_property
    def runs(self) -> list[Runs]:
        """The runs of hits at each threshold."""
        return [_runs(hit, counted) for hit, counted in zip(self.hit, self.counted, strict=True)]


def ranked_classes(matches: CocoMatches, *, area: str = "all", at: str = "") -> dict[int, Ranked]:
    """The classes that are annotated at all.

    Equal scores keep COCO's order, by case and then as read.

    Args:
        matches: of N cases.
        area: which range of `AREAS`.
        at: which overlaps of `AT`.
    """
    place, thresholds = list(AREAS).index(area), AT[at]
    hit, counted = matches.hit[place, thresholds], matches.counted[place, thresholds]
    order = np.argsort(-matches.score, kind="stable")
    order = order[np.any(counted, axis=0)[order]]
    annotated = annotated_counts(matches, area)
    found = {}
    for category in np.flatnonzero(annotated.any(1)).tolist():
        rows = order[matches.category[order] == category]
        found[category] = Ranked(
            case=matches.case[rows],
            hit=hit[:, rows],
            counted=counted[:, rows],
            annotated=annotated[category],
        )
    return found


def _runs(hit: Flags, counted: Flags) -> Runs:
    hits = np.flatnonzero(hit)
    false = np.cumsum(counted & ~hit)[hits]
    last = np.flatnonzero(np.diff(false, append=-1))
    return Runs(hits, last, hits[last])


def annotated_counts(matches: CocoMatches, area: str) -> Values:
    """(C, N) how many instances of a range of area are to be found."""
    to_find = matches.to_find[list(AREAS).index(area)]
    place = matches.true_category[to_find] * matches.cases + matches.true_case[to_find]
    counts = np.bincount(place, minlength=matches.classes * matches.cases)
    return counts.reshape(matches.classes, matches.cases).astype(float)


def mean_average_precision(classes: Iterable[Ranked], weights: Values) -> Values:
    """(R,) mean over thresholds and over the classes annotated under (R, N) weights.

    A weight of k counts each found instance k times in its place, as if the image stood there k
    times and finds of equal score kept together with their copies.
    """
    return mean_of_known([average_precisions(one, weights) for one in classes], len(weights))


def mean_of_known(values: list[Values], rows: int) -> Values:
    """(R,) mean of those of C values that exist; NaN where none does."""
    table = np.array(values).reshape(-1, rows)
    known = np.isfinite(table)
    return divided(np.where(known, table, 0).sum(0), known.sum(0).astype(float))


def average_precisions(one: Ranked, weights: Values) -> Values:
    """(R,) average precision of a class, mean over its thresholds; NaN where none is annotated.

    Source: Lin et al., "Microsoft COCO", ECCV 2014: precision made falling, then read at 101
    recalls; pycocotools' `accumulate`.
    """
    found = np.full(len(weights), np.nan)
    annotated = weights @ one.annotated
    step = max(1, _AT_ONCE // max(len(one.case), 1))
    rows = np.flatnonzero(annotated > 0)
    for some in np.split(rows, range(step, len(rows), step)):
        found[some] = _precisions(one, weights[some][:, one.case], annotated[some]).mean(0)
    return found


def _precisions(one: Ranked, weights: Values, annotated: Values) -> Values:
    """(T, r) from (r, D) weights of found instances and (r,) of annotated ones."""
    everything = weights.cumsum(1)
    found = []
    for runs, counted in zip(one.runs, one.counted, strict=True):
        finds = everything if counted.all() else (weights * counted).cumsum(1)
        hits = weights[:, runs.hits].cumsum(1)
        found.append(_at_recalls(hits[:, runs.last], finds[:, runs.ends], annotated))
    return np.array(found)


def _at_recalls(hits: Values, finds: Values, annotated: Values) -> Values:
    """(r,) mean precision at 101 recalls, from (r, S) hits and finds up to the end of each run."""
    precision = hits / (finds + np.spacing(1))
    falling = np.maximum.accumulate(precision[:, ::-1], 1)[:, ::-1]
    recall = hits / annotated[:, None]
    reached = np.array([np.searchsorted(row, RECALLS) for row in recall], np.intp)
    beyond = np.concatenate([falling, np.zeros((len(falling), 1))], 1)
    return np.take_along_axis(beyond, reached.reshape(-1, len(RECALLS)), 1).mean(1)


def average_recall(matches: CocoMatches, weights: Values, most: int) -> Values:
    """(R,) share of instances found when each image and class may name `most`.

    Mean over thresholds and over the classes annotated under (R, N) weights.

    Source: Hosang et al., TPAMI 2016; 38:814-830; pycocotools' `accumulate`.
    """
    found = np.zeros((matches.classes, matches.cases))
    share = matches.hit[0].mean(0) * (matches.turn < most)
    np.add.at(found, (matches.category, matches.case), share)
    recall = divided(weights @ found.T, weights @ annotated_counts(matches, "all").T)
    return mean_of_known(list(recall.T), len(weights))
