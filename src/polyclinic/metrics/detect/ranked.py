"""The found instances of each class in the order in which they are walked through."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from polyclinic.metrics.detect.coco_matches import CocoMatches, Flags
from polyclinic.metrics.detect.objects import AREAS, Rows
from polyclinic.metrics.figure import Values

AT = {"": slice(None), "50": slice(0, 1), "75": slice(5, 6)}
"""Which overlap thresholds a figure is the mean of."""


class Runs(NamedTuple):
    """Hits that follow one another without a false find between them.

    Precision rises along a run, so that only its end matters. How often each case occurs in each
    run is what weights of cases are multiplied with: for all of an interval at once.

    Args:
        hits: (S, N) hits of each case in each run.
        finds: (S, N) hits and false finds of each case, from the end of the run before on.
    """

    hits: csr_array
    finds: csr_array


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
        once = _Once(self.case.astype(np.int32), np.ones(len(self.case)), len(self.annotated))
        return [
            _runs(once, hit, counted) for hit, counted in zip(self.hit, self.counted, strict=True)
        ]


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


class _Once(NamedTuple):
    """What all runs of a class share: (D,) the case of each find, (D,) ones, and N."""

    case: NDArray[np.int32]
    ones: Values
    cases: int


def _runs(once: _Once, hit: Flags, counted: Flags) -> Runs:
    places, hits = np.flatnonzero(counted), np.flatnonzero(hit)
    false = np.cumsum(counted & ~hit)[hits]
    last = np.flatnonzero(np.diff(false, append=-1))
    up_to_end = np.searchsorted(places, hits[last], "right")
    return Runs(_by_run(once, hits, last + 1), _by_run(once, places, up_to_end))


def _by_run(once: _Once, finds: Rows, stops: Rows) -> csr_array:
    """(S, N) how often each case occurs in each run, from the (S,) places where runs stop."""
    edges = np.append(0, stops).astype(np.int32)
    case = once.case[finds[: edges[-1]]]
    shape = len(stops), once.cases
    return csr_array((once.ones[: len(case)], case, edges), shape=shape)


def annotated_counts(matches: CocoMatches, area: str) -> Values:
    """(C, N) how many instances of a range of area are to be found."""
    to_find = matches.to_find[list(AREAS).index(area)]
    place = matches.true_category[to_find] * matches.cases + matches.true_case[to_find]
    counts = np.bincount(place, minlength=matches.classes * matches.cases)
    return counts.reshape(matches.classes, matches.cases).astype(float)
