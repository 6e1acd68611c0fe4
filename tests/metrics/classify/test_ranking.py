import numpy as np
import pytest
from hypothesis import given
from scipy.stats import mannwhitneyu
from sklearn.metrics import average_precision_score, roc_auc_score

from polyclinic.metrics.classify.ranking import auc, average_precision, macro_auc, ranking
from tests.metrics.classify.drawn import classified, once, same, scored


@given(scored())
def test_auc_is_that_of_scikit_learn_and_of_mann_whitney(objects):
    scores, positive, weights = objects
    found = once(lambda w: auc(scores, positive, w), weights)
    all_scores, truth = np.repeat(scores, weights), np.repeat(positive, weights)
    if not truth.any() or truth.all():
        assert np.isnan(found)
        return
    assert found == pytest.approx(roc_auc_score(truth, all_scores), abs=1e-9)
    u = mannwhitneyu(all_scores[truth], all_scores[~truth]).statistic
    assert found == pytest.approx(u / (truth.sum() * (~truth).sum()), abs=1e-9)


@given(scored())
def test_average_precision_is_that_of_scikit_learn(objects):
    scores, positive, weights = objects
    found = once(lambda w: average_precision(scores, positive, w), weights)
    all_scores, truth = np.repeat(scores, weights), np.repeat(positive, weights)
    if truth.any():
        assert found == pytest.approx(average_precision_score(truth, all_scores), abs=1e-9)
    else:
        assert np.isnan(found)


@given(classified())
def test_macro_auc_is_the_mean_over_classes_that_have_one(objects):
    probabilities, true, weights = objects
    found = once(lambda w: macro_auc(probabilities, true, w), weights)
    shown, truth = np.repeat(probabilities, weights, axis=0), np.repeat(true, weights)
    held = np.unique(truth)
    if len(held) < 2:
        assert np.isnan(found)
    elif len(held) == 3:
        expected = roc_auc_score(truth, shown, multi_class="ovr", average="macro")
        assert found == pytest.approx(expected, abs=1e-9)
    else:
        each = [roc_auc_score(truth == k, shown[:, k]) for k in held]
        assert found == pytest.approx(np.mean(each), abs=1e-9)


@given(scored())
def test_many_sets_of_weights_are_answered_as_one_by_one(objects):
    scores, positive, weights = objects
    sets = np.array([weights, np.ones_like(weights), weights[::-1]], float)
    for statistic in (auc, average_precision):
        together = statistic(scores, positive, sets)
        alone = [statistic(scores, positive, one[None])[0] for one in sets]
        assert all(map(same, together, alone))


def test_an_unknown_score_is_neither_left_out_nor_wrong():
    scores, positive = np.array([0.9, np.nan, 0.2]), np.array([True, True, False])
    weights = np.array([[1.0, 1.0, 1.0], [1.0, 0.0, 1.0]])
    for statistic in (auc, average_precision):
        np.testing.assert_array_equal(statistic(scores, positive, weights), [np.nan, 1.0])
    both = np.column_stack([1 - scores, scores])
    np.testing.assert_array_equal(macro_auc(both, positive.astype(int), weights), [np.nan, 1.0])


def test_a_ranking_counts_from_none_to_all():
    found = ranking(np.array([0.5, 0.9, 0.5]), np.array([True, False, False]), np.ones((1, 3)))
    np.testing.assert_array_equal(found.thresholds, [np.inf, 0.9, 0.5])
    np.testing.assert_array_equal(found.true_positive, [[0, 0, 1]])
    np.testing.assert_array_equal(found.false_positive, [[0, 1, 2]])
