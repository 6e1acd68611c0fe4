from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.inter_rater import fleiss_kappa as statsmodels_fleiss

from polyclinic.errors import DataError
from polyclinic.metrics.raters.kappa import (
    class_counts,
    cohen_kappa,
    fleiss_kappa,
    pairwise_kappa,
)

CLASSES = 3


@st.composite
def ratings(draw, lowest=0):
    """(M, K) class numbers, and (2, M) whole weights: all ones and drawn ones."""
    count, raters = draw(st.integers(0, 8)), draw(st.integers(2, 4))
    number = st.integers(lowest, CLASSES - 1)
    row = st.lists(number, min_size=raters, max_size=raters)
    table = draw(st.lists(row, min_size=count, max_size=count))
    weights = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    return np.array(table, int).reshape(count, raters), np.array([np.ones(count), weights], float)


@given(ratings())
def test_fleiss_is_that_of_statsmodels_on_repeated_objects(drawn):
    table, weights = drawn
    counts = class_counts(table, CLASSES)
    for row, value in zip(weights, fleiss_kappa(counts, weights), strict=True):
        rows = np.repeat(counts, row.astype(int), axis=0)
        if (rows.sum(0) > 0).sum() < 2:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(statsmodels_fleiss(rows), abs=1e-9)


@given(ratings(lowest=-1))
def test_cohen_is_that_of_scikit_learn_on_repeated_objects(drawn):
    table, weights = drawn
    found = pairwise_kappa(table, CLASSES, weights)
    assert np.isnan(np.diagonal(found, axis1=1, axis2=2)).all()
    for row, values in zip(weights, found, strict=True):
        rows = np.repeat(table, row.astype(int), axis=0)
        for a, b in combinations(range(table.shape[1]), 2):
            both = (rows[:, [a, b]] >= 0).all(1)
            left, right = rows[both, a], rows[both, b]
            np.testing.assert_equal(values[a, b], values[b, a])
            if len(np.unique([left, right])) < 2:
                assert np.isnan(values[a, b])
            else:
                expected = cohen_kappa_score(left, right, labels=range(CLASSES))
                assert values[a, b] == pytest.approx(expected, abs=1e-9)


def test_an_example_of_the_paper_of_cohen():
    # table 1 of Cohen 1960, as numbers of 200 subjects: kappa 0.492
    table = np.array([[88, 14, 18], [10, 40, 10], [2, 6, 12]])
    first, second = np.indices(table.shape).reshape(2, -1)
    value = cohen_kappa(first, second, 3, table.reshape(1, -1).astype(float))
    assert value[0] == pytest.approx(0.492, abs=5e-4)


def test_unequal_numbers_of_ratings_are_refused():
    with pytest.raises(DataError, match="same number"):
        fleiss_kappa([[2, 0], [2, 1]], np.ones((1, 2)))
    with pytest.raises(DataError, match="two or more"):
        fleiss_kappa([[1, 0]], np.ones((1, 1)))


def test_unknown_classes_are_refused():
    with pytest.raises(DataError, match="0 to 2"):
        cohen_kappa([0, 3], [1, 1], 3, np.ones((1, 2)))
