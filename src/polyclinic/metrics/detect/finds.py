"""All found instances of a set by descending score, whatever their class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import annotated, found, score_of
from polyclinic.metrics.detect.objects import Rows
from polyclinic.metrics.figure import Values
from polyclinic.metrics.matching import MatchedCase


@dataclass(frozen=True, eq=False, kw_only=True)
class Finds:
    """D found instances, surest first; those in crowd regions are left out.

    Args:
        case: (D,) the case of each.
        score: (D,).
        hit: (D,) matched with an annotated instance.
        ends: (K,) places of the last of each run of equal scores: nothing can be accepted
            between equals.
        annotated: (N,) how many instances each case holds.
        images: (N,) 1 for each case that was read, 0 for the others: on an image that nobody could
            read no false find was made either.
    """

    case: Rows
    score: Values
    hit: NDArray[np.bool_]
    ends: Rows
    annotated: Values
    images: Values


def finds_of(matched: Sequence[MatchedCase], rows: Rows, cases: int) -> Finds:
    """Pool the finds of matched cases.

    Args:
        matched: with every candidate, whatever its score.
        rows: the number of each matched case.
        cases: N.
    """
    table = [
        (score_of(found(one.case)[place]), hit, row)
        for row, one in zip(rows.tolist(), matched, strict=True)
        for hit, places in ((1, [f for _, f in one.match.pairs]), (0, one.match.spurious))
        for place in places
    ]
    score, hit, case = np.array(table, float).reshape(-1, 3).T
    order = np.argsort(-score, kind="stable")
    score = score[order]
    images, true = np.zeros((2, cases))
    images[rows] = [m.case[1].error is None for m in matched]
    true[rows] = [sum(not one.crowd for one in annotated(m.case)) for m in matched]
    return Finds(
        case=case[order].astype(np.intp),
        score=score,
        hit=hit[order].astype(bool),
        ends=np.flatnonzero(np.diff(score, append=-np.inf)),
        annotated=true,
        images=images,
    )


def up_to(finds: Finds, weights: Values) -> tuple[Values, Values]:
    """(R, K + 1) hits and false finds down to each score, from nothing accepted on.

    Args:
        finds: of N cases.
        weights: (R, N).
    """
    each = weights.take(finds.case, 1)
    hits, every = np.zeros((2, len(weights), len(finds.case) + 1))
    np.cumsum(each, 1, out=every[:, 1:])
    np.cumsum(each * finds.hit, 1, out=hits[:, 1:])
    every -= hits
    if len(finds.ends) == len(finds.case):  # no two scores are equal
        return hits, every
    places = np.concatenate([[0], finds.ends + 1])
    return hits[:, places], every[:, places]
