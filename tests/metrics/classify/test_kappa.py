import warnings

import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import cohen_kappa_score

from polyclinic.metrics.classify.counts import counted
from polyclinic.metrics.classify.kappa import cohen_kappa, grade_distances, quadratic_kappa
from tests.metrics.classify.drawn import same
from tests.metrics.classify.test_counts import CLASSES, PAIRS, counts_of, split


@given(PAIRS)
def test_kappas_are_those_of_scikit_learn(pairs):
    true, said, weights = split(pairs)
    truth, answers = np.repeat(true, weights), np.repeat(said, weights)
    counts = counts_of(true, said, weights)
    grades = list(range(CLASSES))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for found, kind in (
            (cohen_kappa(counts), None),
            (quadratic_kappa(counts, grades), "quadratic"),
        ):
            known = {"labels": grades, "weights": kind}
            expected = cohen_kappa_score(truth, answers, **known) if len(truth) else np.nan
            assert same(found[0], expected)


def test_the_distance_is_that_of_the_grades_not_of_their_order():
    true, said = np.array([0, 1, 2, 2]), np.array([0, 2, 2, 1])
    weights = np.ones((1, 4))
    counts = counted(true, said, weights, classes=3)
    wide = counted(np.array([0, 1, 4, 4]), np.array([0, 4, 4, 1]), weights, classes=5)
    found = quadratic_kappa(counts, [0, 1, 4])
    assert found == pytest.approx(quadratic_kappa(wide, range(5)))
    assert found != pytest.approx(quadratic_kappa(counts, range(3)))


def test_no_answer_is_as_far_off_as_a_grade_can_be():
    np.testing.assert_array_equal(
        grade_distances([0, 1, 4]), [[0, 1, 4, 4], [1, 0, 3, 3], [4, 3, 0, 4]]
    )
    true = np.array([0, 1, 2, 0])
    right = quadratic_kappa(counted(true, true, np.ones((1, 4)), classes=3), range(3))
    silent = quadratic_kappa(
        counted(true, np.array([0, 1, 2, 3]), np.ones((1, 4)), classes=3), range(3)
    )
    assert right == pytest.approx(1)
    assert silent < right
