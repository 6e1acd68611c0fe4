"""The figures by which found instances are judged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from polyclinic.metrics.case import Case, class_names
from polyclinic.metrics.coco_figures import average_precision_figures
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pooled import divided, ratio_figure


def figures(cases: Sequence[Case], accept: float) -> list[Figure]:
    """Precision, recall and F1 of instances, class accuracy of matched ones, AP of boxes, masks."""
    place = {id(case): row for row, case in enumerate(cases)}
    matched = match_cases(cases, min_score=accept)
    if not matched:
        return []
    counts = np.zeros((len(cases), 3))
    for one in matched:
        match = one.match
        counts[place[id(one.case)]] = len(match.pairs), len(match.missed), len(match.spurious)
    hits, missed, spurious = counts.T
    found = [
        ratio_figure(
            f"instance_{name}",
            above,
            below,
            meaning=meaning,
            group="instances",
            better="higher",
        )
        for name, above, below, meaning in (
            (
                "f1",
                2 * hits,
                2 * hits + missed + spurious,
                "2 hits / (annotated + found); a hit overlaps by half (mask, else box)",
            ),
            ("precision", hits, hits + spurious, "hits / found"),
            ("recall", hits, hits + missed, "hits / annotated"),
        )
    ]
    if len(class_names(cases)) > 1:
        found.append(_class_accuracy(cases, accept))
    return [
        *found,
        *average_precision_figures(cases, "box"),
        *average_precision_figures(cases, "mask"),
    ]


def _class_accuracy(cases: Sequence[Case], accept: float) -> Figure:
    classes = class_names(cases)
    true = np.zeros((len(cases), len(classes)))
    right = np.zeros(len(cases))
    place = {id(case): row for row, case in enumerate(cases)}
    for one in match_cases(cases, min_score=accept):
        row = place[id(one.case)]
        for annotated, read in one.pairs:
            if annotated.category is not None:
                true[row, annotated.category] += 1
                right[row] += annotated.category == read.category
    return ratio_figure(
        "class_accuracy",
        right,
        true.sum(1),
        meaning="share of hits with the right class; baseline: always the commonest class",
        group="instances",
        better="higher",
        baseline=lambda weights: divided((weights @ true).max(1), weights @ true.sum(1)),
        counts=true.sum(1),
    )
