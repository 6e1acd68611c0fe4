"""How often hits are given the right class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from polyclinic.metrics.case import annotated, score_of
from polyclinic.metrics.detect.objects import Rows
from polyclinic.metrics.detect.precision import mean_of_known
from polyclinic.metrics.figure import Figure, Values
from polyclinic.metrics.matching import MatchedCase
from polyclinic.metrics.pooled import divided, ratio_figure


def named_figures(
    matched: Sequence[MatchedCase], rows: Rows, cases: int, classes: Sequence[str], accept: float
) -> Iterator[Figure]:
    """Class accuracy and balanced class accuracy of hits; nothing where there is one class.

    Args:
        matched: matched cases, whatever the class.
        rows: the number of each.
        cases: N.
        classes: C names.
        accept: hits with a lower score don't count.
    """
    if len(classes) < 2:
        return
    right, true = _named(matched, rows, (cases, len(classes)), accept)
    asked = np.zeros(cases)
    asked[rows] = [
        sum(not one.crowd and one.category is not None for one in annotated(some.case))
        for some in matched
    ]

    def majority(weights: Values) -> Values:
        each = weights @ true
        return divided(each.max(1), each.sum(1))

    def balanced(weights: Values) -> Values:
        return mean_of_known(list(divided(weights @ right, weights @ true).T), len(weights))

    def constant(weights: Values) -> Values:
        return divided(np.ones(len(weights)), ((weights @ true) > 0).sum(1).astype(float))

    known: dict[str, Any] = {"group": "instances", "better": "higher", "counts": true.sum(1)}
    known["left_out"] = asked - true.sum(1)
    yield ratio_figure(
        "class_accuracy",
        right.sum(1),
        true.sum(1),
        meaning="share of hits with the right class; baseline: always the commonest class",
        baseline=majority,
        **known,
    )
    yield Figure(
        name="balanced_class_accuracy",
        weighted=balanced,
        meaning="share of hits with the right class, mean over annotated classes; baseline: "
        "always the same class",
        baseline=constant,
        **known,
    )


def _named(
    matched: Sequence[MatchedCase], rows: Rows, shape: tuple[int, int], accept: float
) -> tuple[Values, Values]:
    """(N, C) rightly named and all hits, by annotated class."""
    table = [
        (row, true.category, true.category == read.category)
        for row, one in zip(rows.tolist(), matched, strict=True)
        for true, read in one.pairs
        if true.category is not None and score_of(read) >= accept
    ]
    case, category, right = np.array(table, np.intp).reshape(-1, 3).T
    counts = np.zeros((2, *shape))
    np.add.at(counts[0], (case, category), right)
    np.add.at(counts[1], (case, category), 1)
    return counts[0], counts[1]
