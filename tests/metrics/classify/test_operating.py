import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import recall_score, roc_curve
from torchmetrics.functional.classification import (
    binary_sensitivity_at_specificity,
    binary_specificity_at_sensitivity,
)

from polyclinic.metrics.classify.operating import (
    sensitivity_at_specificity,
    sensitivity_at_threshold,
    specificity_at_sensitivity,
    specificity_at_threshold,
)
from tests.metrics.classify.drawn import SCORES, once, scored

LEAST = st.sampled_from([0.0, 0.5, 0.8, 0.9, 0.95, 1.0])


@given(scored(), LEAST)
def test_the_best_threshold_of_the_roc_curve_that_keeps_the_promise(objects, least):
    scores, positive, weights = objects
    sensitivity = once(
        lambda w: sensitivity_at_specificity(scores, positive, w, least=least), weights
    )
    specificity = once(
        lambda w: specificity_at_sensitivity(scores, positive, w, least=least), weights
    )
    all_scores, truth = np.repeat(scores, weights), np.repeat(positive, weights)
    if not truth.any() or truth.all():
        assert np.isnan(sensitivity)
        assert np.isnan(specificity)
        return
    alarms, hits, _ = roc_curve(truth, all_scores, drop_intermediate=False)
    assert sensitivity == pytest.approx(hits[1 - alarms >= least - 1e-9].max(), abs=1e-9)
    assert specificity == pytest.approx((1 - alarms)[hits >= least - 1e-9].max(), abs=1e-9)


@given(st.integers(0, 1000))
def test_the_operating_points_of_torchmetrics(seed):
    random = np.random.default_rng(seed)
    scores = random.integers(1, 64, 40) / 64
    positive = np.append(random.random(38) < 0.4, [True, False])
    preds, target = torch.tensor(scores), torch.tensor(positive.astype(int))
    ones = np.ones((1, 40))
    for ours, theirs in (
        (sensitivity_at_specificity, binary_sensitivity_at_specificity),
        (specificity_at_sensitivity, binary_specificity_at_sensitivity),
    ):
        expected = theirs(preds, target, 0.7)[0].item()
        assert ours(scores, positive, ones, least=0.7)[0] == pytest.approx(expected, abs=1e-6)


@given(scored(), SCORES)
def test_a_given_threshold_calls_what_reaches_it(objects, threshold):
    scores, positive, weights = objects
    called = np.repeat(scores >= threshold, weights)
    truth = np.repeat(positive, weights)
    for ours, label in ((sensitivity_at_threshold, True), (specificity_at_threshold, False)):
        function = ours
        found = once(lambda w, f=function: f(scores, positive, w, threshold=threshold), weights)
        if (truth == label).any():
            expected = recall_score(truth, called, pos_label=label)
            assert found == pytest.approx(expected, abs=1e-9)
        else:
            assert np.isnan(found)


def test_an_unknown_score_leaves_no_operating_point():
    scores, positive = np.array([0.9, np.nan, 0.2]), np.array([True, True, False])
    weights = np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    for statistic in (sensitivity_at_specificity, specificity_at_sensitivity):
        found = statistic(scores, positive, weights, least=0.9)
        np.testing.assert_array_equal(found, [np.nan, 1.0])
    for statistic in (sensitivity_at_threshold, specificity_at_threshold):
        found = statistic(scores, positive, weights, threshold=0.5)
        np.testing.assert_array_equal(found, [np.nan, 1.0])
