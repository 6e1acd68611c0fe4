"""Which found instance is which annotated one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, found, instance_cases
from polyclinic.metrics.detect.greedy import greedy, turns
from polyclinic.metrics.detect.objects import Objects, Rows, blocks, objects_of
from polyclinic.metrics.detect.overlaps import InstanceOverlap
from polyclinic.metrics.detect.pairs import near_pairs, places_in_runs
from polyclinic.sample import Instance


@dataclass(frozen=True)
class Match:
    """Rows of the annotated and found instances of one image that belong together.

    Args:
        pairs: (annotated row, found row).
        missed: annotated rows without a partner; crowd regions are never missed.
        spurious: found rows without a partner.
        ignored: found rows that lie in a crowd region: neither hit nor miss.
    """

    pairs: tuple[tuple[int, int], ...]
    missed: tuple[int, ...]
    spurious: tuple[int, ...]
    ignored: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class MatchedCase:
    """A case with its match."""

    case: Case
    match: Match

    @property
    def pairs(self) -> list[tuple[Instance, Instance]]:
        """The (annotated, found) instances that belong together."""
        true, read = annotated(self.case), found(self.case)
        return [(true[a], read[f]) for a, f in self.match.pairs]


def match_instances(
    true: Sequence[Instance],
    read: Sequence[Instance],
    *,
    min_iou: float = 0.5,
    min_score: float = 0.0,
) -> Match:
    """Match greedily by descending score, as COCO does, without regard to class.

    Each found instance takes the free annotated one that it overlaps most, if the IoU reaches
    `min_iou`; among equals the first. The overlap is that of the masks, or of the boxes where
    either has no mask. Greedy rather than optimal, so that precision and recall agree with AP
    and a better but less confident duplicate earns nothing. Found instances under `min_score`
    don't exist here; leaving them out changes nothing for the others.

    Args:
        true: annotated instances.
        read: found ones.
        min_iou: above 0.
        min_score: the least score that counts.

    Source: Lin et al., "Microsoft COCO", ECCV 2014, and its reference evaluation.
    """
    one = Objects(true, np.zeros(len(true), np.intp)), Objects(read, np.zeros(len(read), np.intp))
    return _matches(*one, 1, min_iou, min_score)[0]


def match_cases(
    cases: Sequence[Case], *, min_iou: float = 0.5, min_score: float = 0.5
) -> list[MatchedCase]:
    """Match every case in which instances were annotated; the others are left out."""
    kept = instance_cases(cases)
    matched: list[MatchedCase] = []
    for block in blocks(kept):
        some, numbers = kept[block.start : block.stop], np.arange(len(block))
        true, read = objects_of(some, numbers, annotated), objects_of(some, numbers, found)
        matches = _matches(true, read, len(some), min_iou, min_score)
        matched.extend(map(MatchedCase, some, matches))
    return matched


def _matches(
    true: Objects, read: Objects, cases: int, min_iou: float, min_score: float
) -> list[Match]:
    """One match for each of a number of cases."""
    kept = read.score >= min_score
    row_of = places_in_runs(true.case), places_in_runs(read.case)[kept]
    read = read.where(kept)
    turn = turns(read.case, read.score)
    partner, inside = _partners(true, read, turn, min_iou)
    pairs: list[list[tuple[int, int]]] = [[] for _ in range(cases)]
    missed, spurious, ignored = ([list[int]() for _ in range(cases)] for _ in range(3))
    order = np.lexsort((turn, read.case))
    for case, row, other, crowded in zip(
        read.case[order].tolist(),
        row_of[1][order].tolist(),
        np.append(row_of[0], -1)[partner[order]].tolist(),
        inside[order].tolist(),
        strict=True,
    ):
        if other >= 0:
            pairs[case].append((other, row))
        else:
            (ignored if crowded else spurious)[case].append(row)
    alone = ~true.crowd
    alone[partner[partner >= 0]] = False
    for case, row in zip(true.case[alone].tolist(), row_of[0][alone].tolist(), strict=True):
        missed[case].append(row)
    return [
        Match(tuple(both), tuple(one), tuple(other), tuple(passed))
        for both, one, other, passed in zip(pairs, missed, spurious, ignored, strict=True)
    ]


def _partners(
    true: Objects, read: Objects, turn: Rows, min_iou: float
) -> tuple[Rows, NDArray[np.bool_]]:
    """(D,) the annotated row of each find, or -1, and whether it lies in a crowd region."""
    measure = InstanceOverlap(true, read)
    pairs = near_pairs(true.case, read.case, measure.true_hull, measure.found_hull)
    overlap = measure.of(pairs, min_iou)
    enough = overlap >= min_iou
    of_crowd = true.crowd[pairs.true]
    inside = np.zeros(len(read), bool)
    inside[pairs.found[enough & of_crowd]] = True
    enough &= ~of_crowd
    pairs, overlap = pairs.where(enough), overlap[enough]
    partner = greedy(
        pairs,
        overlap,
        np.array([min_iou]),
        turn=turn,
        taste=(pairs.true, -overlap),
        shared=true.crowd,
    )
    return partner[:, 0], inside
