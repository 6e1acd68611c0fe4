"""Chance-corrected agreement of several raters about classes.

Shape letters: N cases, R sets of weights, M objects, K raters, C classes.
"""

from __future__ import annotations

from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Values
from polyclinic.metrics.pooled import divided

UNRATED = -1


def class_counts(ratings: ArrayLike, classes: int) -> Values:
    """(M, C) how many raters chose each class, from (M, K) class numbers; -1 is not counted."""
    table = _class_numbers(ratings, classes)
    return (table[..., None] == np.arange(classes)).sum(1).astype(float)


def fleiss_kappa(counts: ArrayLike, weights: Values) -> Values:
    """(R,) agreement beyond chance of raters who may differ from object to object.

    Args:
        counts: (M, C) how many raters chose each class of each object, as `class_counts` gives.
        weights: (R, M) how often each object counts.

    Returns:
        1 for full agreement, 0 for chance; NaN where every rating is of one class.

    Source: Fleiss, Psychological Bulletin 1971; 76:378-382.

    Raises:
        DataError: the objects do not all have the same number of ratings, two or more.
    """
    table = np.asarray(counts, float)
    raters = table.sum(1)
    if len(table) and (np.ptp(raters) or raters[0] < 2):
        raise DataError(
            f"objects have {raters.min():g} to {raters.max():g} ratings",
            expected="the same number for each, two or more",
            hint="leave out objects that a rater skipped, or use pairwise_kappa",
        )
    of_pairs = raters * (raters - 1)
    agreeing = (table * (table - 1)).sum(1) / of_pairs
    n = weights.sum(1)
    shares = divided(weights @ table, (weights @ raters)[:, None].repeat(table.shape[1], 1))
    return _beyond_chance(divided(weights @ agreeing, n), (shares**2).sum(1))


def cohen_kappa(first: ArrayLike, second: ArrayLike, classes: int, weights: Values) -> Values:
    """(R,) agreement beyond chance of two raters.

    Args:
        first: (M,) class numbers of one rater; objects with -1 on either side are left out.
        second: (M,) those of the other.
        classes: C.
        weights: (R, M) how often each object counts.

    Returns:
        1 for full agreement, 0 for chance; NaN where both know only one and the same class.

    Source: Cohen, Educational and Psychological Measurement 1960; 20:37-46.
    """
    left, right = (_class_numbers(one, classes) for one in (first, second))
    both = (left != UNRATED) & (right != UNRATED)
    cells = np.zeros((len(left), classes * classes))
    cells[both, left[both] * classes + right[both]] = 1
    table = weights @ cells
    shares = divided(table, table.sum(1, keepdims=True).repeat(classes * classes, 1))
    confusion = shares.reshape(-1, classes, classes)
    by_chance = (confusion.sum(1) * confusion.sum(2)).sum(1)
    return _beyond_chance(np.trace(confusion, axis1=1, axis2=2), by_chance)


def pairwise_kappa(ratings: ArrayLike, classes: int, weights: Values) -> Values:
    """(R, K, K) Cohen's kappa of every pair of (M, K) raters; NaN on the diagonal."""
    table = _class_numbers(ratings, classes)
    raters = table.shape[1]
    found = np.full((len(weights), raters, raters), np.nan)
    for a, b in combinations(range(raters), 2):
        found[:, a, b] = found[:, b, a] = cohen_kappa(table[:, a], table[:, b], classes, weights)
    return found


def _beyond_chance(agreed: Values, by_chance: Values) -> Values:
    room = 1 - by_chance
    return divided(agreed - by_chance, np.where(room > 1e-12, room, 0))


def _class_numbers(ratings: ArrayLike, classes: int) -> NDArray[np.intp]:
    table = np.asarray(ratings, np.intp)
    if table.size and not -1 <= table.min() <= table.max() < classes:
        raise DataError(
            f"classes run from {table.min()} to {table.max()}",
            expected=f"0 to {classes - 1}, or {UNRATED} where a rater skipped the object",
        )
    return table
