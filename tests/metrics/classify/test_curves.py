import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import auc as area
from sklearn.metrics import precision_recall_curve, roc_curve

from polyclinic.metrics.classify.curves import pr_points, roc_points
from polyclinic.metrics.classify.ranking import auc, average_precision
from tests.metrics.classify.drawn import once, scored


@given(scored())
def test_roc_points_are_those_of_scikit_learn(objects):
    scores, positive, weights = objects
    curve = roc_points(scores, positive, weights.astype(float))
    shown, truth = np.repeat(scores, weights), np.repeat(positive, weights)
    if not truth.any() or truth.all():
        assert not curve.exists
        return
    alarms, hits, thresholds = roc_curve(truth, shown, drop_intermediate=False)
    np.testing.assert_allclose(curve.x, alarms, atol=1e-9)
    np.testing.assert_allclose(curve.y, hits, atol=1e-9)
    np.testing.assert_allclose(curve.thresholds, thresholds)
    below = once(lambda w: auc(scores, positive, w), weights)
    assert area(curve.x, curve.y) == pytest.approx(below, abs=1e-9)


@given(scored())
def test_pr_points_are_those_of_scikit_learn(objects):
    scores, positive, weights = objects
    curve = pr_points(scores, positive, weights.astype(float))
    shown, truth = np.repeat(scores, weights), np.repeat(positive, weights)
    if not truth.any():
        assert not curve.exists
        return
    precision, recall, thresholds = precision_recall_curve(truth, shown)
    np.testing.assert_allclose(curve.x, recall[::-1], atol=1e-9)
    np.testing.assert_allclose(curve.y, precision[::-1], atol=1e-9)
    np.testing.assert_allclose(curve.thresholds[1:], thresholds[::-1])
    steps = (np.diff(curve.x) * curve.y[1:]).sum()
    below = once(lambda w: average_precision(scores, positive, w), weights)
    assert steps == pytest.approx(below, abs=1e-9)


def test_all_weights_are_one_unless_given():
    scores, positive = np.array([0.9, 0.4, 0.6]), np.array([True, False, False])
    for points in (roc_points, pr_points):
        plain, weighted = points(scores, positive), points(scores, positive, np.ones(3))
        np.testing.assert_array_equal(plain.x, weighted.x)
        np.testing.assert_array_equal(plain.y, weighted.y)


def test_an_unknown_score_that_counts_leaves_no_curve():
    scores, positive = np.array([0.9, np.nan, 0.6]), np.array([True, True, False])
    for points in (roc_points, pr_points):
        assert not points(scores, positive).exists
        assert points(scores, positive, np.array([1.0, 0, 1])).exists
