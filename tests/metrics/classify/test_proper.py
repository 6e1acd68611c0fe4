import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import brier_score_loss, log_loss

from polyclinic.metrics.classify.proper import binary_brier, brier, negative_log_likelihood
from tests.metrics.classify.drawn import classified, once, scored


@given(classified())
def test_brier_and_log_loss_of_several_classes(objects):
    probabilities, true, weights = objects
    score = once(lambda w: brier(probabilities, true, w), weights)
    loss = once(lambda w: negative_log_likelihood(probabilities, true, w), weights)
    shown, truth = np.repeat(probabilities, weights, axis=0), np.repeat(true, weights)
    if not len(truth):
        assert np.isnan(score)
        assert np.isnan(loss)
        return
    labels = range(3)
    expected = brier_score_loss(truth, shown, labels=labels, scale_by_half=False)
    assert score == pytest.approx(expected, abs=1e-9)
    assert loss == pytest.approx(log_loss(truth, shown, labels=labels), abs=1e-9)


@given(scored())
def test_brier_of_two_classes_is_half_of_that_over_both(objects):
    probability, positive, weights = objects
    score = once(lambda w: binary_brier(probability, positive, w), weights)
    both = np.column_stack([1 - probability, probability])
    summed = once(lambda w: brier(both, positive.astype(int), w), weights)
    shown, truth = np.repeat(probability, weights), np.repeat(positive, weights)
    if not len(truth):
        assert np.isnan(score)
        return
    expected = brier_score_loss(truth, shown, labels=[False, True])
    assert score == pytest.approx(expected, abs=1e-9)
    assert summed == pytest.approx(2 * score, abs=1e-9)


def test_one_sure_mistake_costs_a_finite_loss():
    loss = negative_log_likelihood(np.array([[1.0, 0.0]]), np.array([1]), np.ones((1, 1)))
    assert loss[0] == pytest.approx(log_loss([1], [[1.0, 0.0]], labels=[0, 1]))


def test_an_unknown_probability_leaves_no_figure():
    probabilities, true = np.array([[0.0, 1.0], [np.nan, np.nan]]), np.array([1, 0])
    weights = np.array([[1.0, 1.0], [1.0, 0.0]])
    for found in (
        brier(probabilities, true, weights),
        negative_log_likelihood(probabilities, true, weights),
        binary_brier(probabilities[:, 1], true == 1, weights),
    ):
        np.testing.assert_allclose(found, [np.nan, 0.0])
