"""Average precision and recall for any weights of cases, from matches found once."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from polyclinic.metrics.detect.coco_matches import CocoMatches
from polyclinic.metrics.detect.ranked import Ranked, Runs, annotated_counts
from polyclinic.metrics.figure import Values, Weighted
from polyclinic.metrics.pooled import divided

RECALLS: Values = np.linspace(0, 1, 101)

_AT_ONCE = 1_000_000
"""Precisions held in memory at a time."""


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
    longest = max((runs.hits.shape[0] for runs in one.runs), default=0)
    step = max(1, _AT_ONCE // max(longest, 1))
    rows = np.flatnonzero(annotated > 0)
    for some in np.split(rows, range(step, len(rows), step)):
        of_case = np.ascontiguousarray(weights[some].T)
        found[some] = np.mean([_at_recalls(r, of_case, annotated[some]) for r in one.runs], axis=0)
    return found


def _at_recalls(runs: Runs, weights: Values, annotated: Values) -> Values:
    """(r,) mean precision at 101 recalls, from (N, r) weights and (r,) annotated instances."""
    hits, finds = ((part @ weights).cumsum(0) for part in (runs.hits, runs.finds))
    precision = hits / (finds + np.spacing(1))
    falling = np.maximum.accumulate(precision[::-1], 0)[::-1]
    recall = np.ascontiguousarray((hits / annotated).T)
    reached = np.array([np.searchsorted(row, RECALLS) for row in recall], np.intp)
    beyond = np.concatenate([falling, np.zeros((1, len(annotated)))])
    return np.take_along_axis(beyond, reached.reshape(-1, len(RECALLS)).T, 0).mean(0)


def average_recall(matches: CocoMatches, most: int) -> Weighted:
    """Share of instances found when each image and class may name `most`, for weights of cases.

    Mean over thresholds and over the classes annotated under (R, N) weights.

    Source: Hosang et al., TPAMI 2016; 38:814-830; pycocotools' `accumulate`.
    """
    found = np.zeros((matches.classes, matches.cases))
    share = matches.hit[0].mean(0) * (matches.turn < most)
    np.add.at(found, (matches.category, matches.case), share)
    annotated = annotated_counts(matches, "all")

    def weighted(weights: Values) -> Values:
        recall = divided(weights @ found.T, weights @ annotated.T)
        return mean_of_known(list(recall.T), len(weights))

    return weighted
