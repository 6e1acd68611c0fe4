"""Which found instance is which annotated one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.case import Case, annotated, found, instance_cases, score_of
from polyclinic.metrics.detect.objects import Objects, Rows, blocks, objects_of
from polyclinic.metrics.detect.overlaps import InstanceOverlap
from polyclinic.metrics.detect.pairs import Pairs, greedy, near_pairs, places_in_runs, turns
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample


def box_iou(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    """Intersection over union of two (4,) boxes x1, y1, x2, y2; 0 when both are empty."""
    shared = _shared(first, second)
    union = _area(first) + _area(second) - shared
    return shared / union if union > 0 else 0.0


def instance_iou(first: Instance, second: Instance) -> float:
    """IoU of the masks, or of the boxes where either has no mask."""
    if first.mask is not None and second.mask is not None:
        return first.mask.iou(second.mask)
    return box_iou(first.box, second.box)


def _area(box: NDArray[np.float64]) -> float:
    return float(max(box[2] - box[0], 0.0) * max(box[3] - box[1], 0.0))


def _shared(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    width = min(first[2], second[2]) - max(first[0], second[0])
    height = min(first[3], second[3]) - max(first[1], second[1])
    return float(max(width, 0.0) * max(height, 0.0))


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

    @property
    def missed(self) -> list[Instance]:
        """The annotated instances that were not found."""
        true = annotated(self.case)
        return [true[row] for row in self.match.missed]


def match_instances(
    true: Sequence[Instance],
    read: Sequence[Instance],
    *,
    by_class: bool = True,
    min_iou: float = 0.5,
    min_score: float = 0.0,
    size: tuple[int, int] = (0, 0),
) -> Match:
    """Match greedily by descending score, as COCO does.

    Each found instance takes the free annotated one that it overlaps most, if the IoU reaches
    `min_iou`; among equals one of its class, else the first. The overlap is that of the masks, or
    of the boxes where either has no mask, see `InstanceOverlap`. Greedy rather than optimal, so
    that precision and recall agree with AP and a better but less confident duplicate earns nothing.
    Found instances under `min_score` don't exist here; leaving them out changes nothing for the
    others.

    Args:
        true: annotated instances.
        read: found ones.
        by_class: whether a hit must have the annotated class. An annotated instance without a
            class goes with any, and so does a find of a reader that names none.
        min_iou: above 0.
        min_score: the least score that counts.
        size: (height, width) of the image; only for objects without a size of their own.

    Source: Lin et al., "Microsoft COCO", ECCV 2014, and its reference evaluation.
    """
    one, other = (
        Objects(some, np.zeros(len(some), np.intp), np.full(len(some), float(max(size))))
        for some in (true, read)
    )
    (match,) = _matches(one, other, 1, _Rule(by_class, min_iou))
    return _above(match, read, min_score)


class _Rule(NamedTuple):
    """What makes a find a hit."""

    by_class: bool
    min_iou: float


def match_cases(
    cases: Sequence[Case], *, by_class: bool = True, min_iou: float = 0.5, min_score: float = 0.5
) -> list[MatchedCase]:
    """Match every case in which instances were annotated; the others are left out.

    Args:
        cases: samples with readings.
        by_class: whether a hit must have the annotated class, see `match_instances`.
        min_iou: above 0.
        min_score: the least score that counts.
    """
    kept, rule = instance_cases(cases), _Rule(by_class, min_iou)
    known = [_remembered(case, rule) for case in kept]
    fresh = _matched([case for case, one in zip(kept, known, strict=True) if one is None], rule)
    return [
        MatchedCase(case, _above(one or next(fresh), found(case), min_score))
        for case, one in zip(kept, known, strict=True)
    ]


def _matched(cases: Sequence[Case], rule: _Rule) -> Iterator[Match]:
    """Match cases with every candidate, and remember it."""
    for block in blocks(cases):
        some, numbers = cases[block.start : block.stop], np.arange(len(block))
        true, read = objects_of(some, numbers, annotated), objects_of(some, numbers, found)
        for (sample, reading), match in zip(
            some, _matches(true, read, len(some), rule), strict=True
        ):
            _MEMORY.setdefault(reading, {})[rule] = sample, match
            yield match


_MEMORY: WeakKeyDictionary[Reading, dict[_Rule, tuple[Sample, Match]]] = WeakKeyDictionary()
"""Matches with every candidate, for as long as the readings live: many judges ask for them."""


def _remembered(case: Case, rule: _Rule) -> Match | None:
    sample, reading = case
    known = _MEMORY.get(reading, {}).get(rule)
    return known[1] if known and known[0] is sample else None


def _above(match: Match, read: Sequence[Instance], min_score: float) -> Match:
    """A match without the finds of a lower score: it is greedy, so that the others stay."""
    counts = [score_of(one) >= min_score for one in read]
    if all(counts):
        return match
    lost = [true for true, other in match.pairs if not counts[other]]
    return Match(
        pairs=tuple(pair for pair in match.pairs if counts[pair[1]]),
        missed=tuple(sorted([*match.missed, *lost])),
        spurious=tuple(row for row in match.spurious if counts[row]),
        ignored=tuple(row for row in match.ignored if counts[row]),
    )


def _matches(true: Objects, read: Objects, cases: int, rule: _Rule) -> list[Match]:
    """One match for each of a number of cases."""
    row_of = places_in_runs(true.case), places_in_runs(read.case)
    turn = turns(read.case, read.score)
    partner, inside = _partners(true, read, turn, rule)
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
    true: Objects, read: Objects, turn: Rows, rule: _Rule
) -> tuple[Rows, NDArray[np.bool_]]:
    """(D,) the annotated row of each find, or -1, and whether it lies in a crowd region."""
    measure = InstanceOverlap(true, read)
    pairs = near_pairs(true.case, read.case, measure.true_hull, measure.found_hull)
    of_one_class = _of_one_class(true, read, pairs)
    if rule.by_class:
        pairs, of_one_class = pairs.where(of_one_class), of_one_class[of_one_class]
    overlap = measure.of(pairs, rule.min_iou)
    enough = overlap >= rule.min_iou
    of_crowd = true.crowd[pairs.true]
    inside = np.zeros(len(read), bool)
    inside[pairs.found[enough & of_crowd]] = True
    enough &= ~of_crowd
    pairs, overlap, of_one_class = pairs.where(enough), overlap[enough], of_one_class[enough]
    partner = greedy(
        pairs,
        overlap,
        np.array([rule.min_iou]),
        turn=turn,
        taste=(pairs.true, ~of_one_class, -overlap),
        shared=true.crowd,
    )
    return partner[:, 0], inside


def _of_one_class(true: Objects, read: Objects, pairs: Pairs) -> NDArray[np.bool_]:
    """(P,) whether the classes agree; one that nobody named agrees with every other."""
    one, other = true.named[pairs.true], read.named[pairs.found]
    same: NDArray[np.bool_] = (one == other) | (one < 0) | (other < 0)
    return same
