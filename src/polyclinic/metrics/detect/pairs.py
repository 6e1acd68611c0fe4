"""Which found and annotated instances are near enough, and greedy matching of them."""

from __future__ import annotations

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import Rows
from polyclinic.metrics.figure import Values


class Pairs(NamedTuple):
    """P pairs by their rows.

    Args:
        true: (P,) rows of annotated instances.
        found: (P,) rows of found instances.
    """

    true: Rows
    found: Rows

    def where(self, kept: NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        return Pairs(self.true[kept], self.found[kept])


def near_pairs(true_group: Rows, found_group: Rows, true_hull: Values, found_hull: Values) -> Pairs:
    """Pairs of the same group whose hulls touch, by found row.

    Args:
        true_group: (G,) e.g. the image, or image and class.
        found_group: (D,).
        true_hull: (G, 4) x1, y1, x2, y2; NaN touches nothing.
        found_hull: (D, 4).
    """
    pairs = pairs_of_groups(true_group, found_group)
    one, other = true_hull[pairs.true], found_hull[pairs.found]
    touching = (one[:, :2] <= other[:, 2:]) & (other[:, :2] <= one[:, 2:])
    return pairs.where(np.all(touching, axis=1))


def pairs_of_groups(true_group: Rows, found_group: Rows) -> Pairs:
    """All pairs of the same group, by found row and then by annotated row."""
    order = np.argsort(true_group, kind="stable")
    ranked = true_group[order]
    first = np.searchsorted(ranked, found_group, "left")
    count = np.searchsorted(ranked, found_group, "right") - first
    found = np.repeat(np.arange(len(found_group)), count)
    return Pairs(order[np.repeat(first, count) + places(count)], found)


def places(counts: Rows) -> Rows:
    """0, 1, ... c - 1 for each count c, one after the other."""
    return np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)


def places_in_runs(keys: NDArray[np.integer]) -> Rows:
    """(M,) how many equal neighbours come before each of (M,) keys."""
    starts = np.flatnonzero(np.diff(keys, prepend=keys[:1] - 1))
    return places(np.diff(starts, append=len(keys)))


def turns(group: Rows, score: Values) -> Rows:
    """(D,) how many finds of the same group are surer; equal ones count by row."""
    order = np.lexsort((-score, group))
    turn = np.empty(len(group), np.intp)
    turn[order] = places_in_runs(group[order])
    return turn


def greedy(
    pairs: Pairs,
    overlap: Values,
    thresholds: Values,
    *,
    turn: Rows,
    taste: tuple[NDArray[np.generic], ...],
    shared: NDArray[np.bool_],
) -> Rows:
    """(D, T) the annotated row that each found instance takes at each threshold; -1 for none.

    All groups go on at the same time: first the surest find of each, then the second. A find
    looks at its pairs in the order of its taste and takes the first one that overlaps enough and
    is still free.

    Args:
        pairs: P pairs of one group each; pairs that overlap too little may be left out.
        overlap: (P,).
        thresholds: (T,).
        turn: (D,) whose turn it is within the group, from 0.
        taste: (P,) keys, the last one first, as `numpy.lexsort` takes them; the least is best.
        shared: (G,) annotated rows that any number of finds may take (crowds).
    """
    partner = np.full((len(turn), len(thresholds)), -1, np.intp)
    taken = np.zeros((len(shared), len(thresholds)), bool)
    order = np.lexsort((*taste, pairs.found))
    choice = places_in_runs(pairs.found[order])
    steps = np.lexsort((choice, turn[pairs.found[order]]))
    order, choice = order[steps], choice[steps]
    true, found, enough = pairs.true[order], pairs.found[order], overlap[order]
    changes = (np.diff(choice) != 0) | (np.diff(turn[found]) != 0)
    bounds = [0, *(np.flatnonzero(changes) + 1).tolist(), len(order)]
    for start, stop in pairwise(bounds):
        t, f = true[start:stop], found[start:stop]
        takes = enough[start:stop, None] >= thresholds
        takes &= (partner[f] < 0) & ~taken[t]
        partner[f] = np.where(takes, t[:, None], partner[f])
        taken[t] |= takes & ~shared[t, None]
    return partner
