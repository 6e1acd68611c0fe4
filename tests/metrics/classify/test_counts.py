import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle
from sklearn.metrics import cohen_kappa_score

from polyclinic.metrics.classify import counts as of
from polyclinic.metrics.classify.counts import (
    cohen_kappa,
    counted,
    grade_distances,
    quadratic_kappa,
)
from tests.metrics.classify.drawn import once, same

CLASSES = 4
PAIRS = st.lists(
    st.tuples(st.integers(0, CLASSES - 1), st.integers(0, CLASSES - 1), st.integers(0, 3)),
    max_size=14,
)


def split(pairs):
    true, said, weights = (np.array([one[k] for one in pairs], int) for k in range(3))
    return true, said, weights


def counts_of(true, said, weights, classes=CLASSES):
    return of.counted(true, said, np.asarray(weights, float)[None], classes=classes)


def expected(function, truth, answers, **known):
    if not len(truth):
        return np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(truth, answers, **known)


@given(PAIRS)
def test_several_classes_as_scikit_learn_counts_them(pairs):
    true, said, weights = split(pairs)
    truth, answers = np.repeat(true, weights), np.repeat(said, weights)
    counts = counts_of(true, said, weights)
    assert same(of.accuracy(counts)[0], expected(oracle.accuracy_score, truth, answers))
    f1 = expected(oracle.f1_score, truth, answers, average="macro")
    assert same(of.macro_f1(counts)[0], f1)
    balanced = expected(oracle.balanced_accuracy_score, truth, answers)
    several = len(np.unique(truth)) > 1
    assert same(of.balanced_accuracy(counts)[0], balanced if several else np.nan)
    recalls = expected(oracle.recall_score, truth, answers, labels=np.unique(truth), average=None)
    product = np.prod(recalls) ** (1 / len(recalls)) if several else np.nan
    assert same(of.g_mean(counts)[0], product)
    varied = several and len(np.unique(answers)) > 1
    matthews = expected(oracle.matthews_corrcoef, truth, answers)
    assert same(of.matthews(counts)[0], matthews if varied else np.nan)


@given(PAIRS)
def test_two_classes_as_scikit_learn_counts_them(pairs):
    true, said, weights = split([(t % 2, s % 2, w) for t, s, w in pairs])
    truth, answers = np.repeat(true, weights), np.repeat(said, weights)
    counts = counts_of(true, said, weights, classes=2)
    known = {"zero_division": np.nan}
    assert same(of.f1(counts)[0], expected(oracle.f1_score, truth, answers, **known))
    found = expected(oracle.recall_score, truth, answers, **known)
    assert same(of.sensitivity(counts)[0], found)
    found = expected(oracle.recall_score, truth, answers, pos_label=0, **known)
    assert same(of.specificity(counts)[0], found)


@given(PAIRS)
def test_no_answer_is_wrong_whatever_it_is(pairs):
    true, said, weights = split(pairs)
    silent = said == 0
    counts = counts_of(true, np.where(silent, CLASSES, said), weights)
    truth = np.repeat(true, weights)
    answers = np.repeat(np.where(silent, CLASSES, said), weights)
    assert same(of.accuracy(counts)[0], expected(oracle.accuracy_score, truth, answers))
    labels = sorted(set(truth) | (set(answers) - {CLASSES}))
    if labels:
        f1 = expected(oracle.f1_score, truth, answers, labels=labels, average="macro")
        assert same(of.macro_f1(counts)[0], f1)
    if len(set(truth)) > 1 and len(set(answers)) > 1:
        matthews = expected(oracle.matthews_corrcoef, truth, answers)
        assert same(of.matthews(counts)[0], matthews)


@given(PAIRS)
def test_the_commonest_answer_reaches_its_share(pairs):
    true, said, weights = split(pairs)
    constant = of.always_commonest(counts_of(true, said, weights))
    truth = np.repeat(true, weights)
    if not len(truth):
        assert np.isnan(of.accuracy(constant)[0])
        return
    commonest = np.bincount(truth).argmax()
    assert of.accuracy(constant)[0] == pytest.approx((truth == commonest).mean())
    answers = np.full(len(truth), commonest)
    expect = expected(oracle.f1_score, truth, answers, average="macro")
    assert same(of.macro_f1(constant)[0], expect)


def test_the_likeliest_class_is_the_first_of_equals():
    said, confidence = of.top_class(np.array([[0.2, 0.8], [0.5, 0.5], [np.nan, 0.9]]))
    np.testing.assert_array_equal(said, [1, 0, -1])
    np.testing.assert_array_equal(confidence, [0.8, 0.5, np.nan])


def test_an_unknown_answer_leaves_no_figure():
    true, said = np.array([0, 1, 1]), np.array([0, 1, -1])
    weights = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.0]])
    counts = of.counted(true, said, weights, classes=2)
    for figure in (
        of.accuracy,
        of.balanced_accuracy,
        of.g_mean,
        of.f1,
        of.macro_f1,
        of.matthews,
        of.sensitivity,
        of.specificity,
    ):
        np.testing.assert_array_equal(figure(counts), [np.nan, 1.0])


def test_many_sets_of_weights_are_answered_as_one_by_one():
    random = np.random.default_rng(0)
    true, said = random.integers(0, 3, (2, 30))
    weights = random.integers(0, 3, (5, 30)).astype(float)
    together = of.macro_f1(of.counted(true, said, weights, classes=3))
    alone = [
        once(lambda w: of.macro_f1(of.counted(true, said, w, classes=3)), one) for one in weights
    ]
    np.testing.assert_allclose(together, alone)


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
