"""Greedy matching: the surest find chooses first."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from polyclinic.metrics.detect.objects import Rows
from polyclinic.metrics.detect.pairs import Pairs, places_in_runs
from polyclinic.metrics.figure import Values


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
