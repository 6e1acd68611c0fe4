import numpy as np
import pytest
from hypothesis import given
from scipy.stats import norm

from polyclinic.metrics.classify.delong import delong_interval, delong_test
from tests.metrics.classify.drawn import scored


def components(scores, positive):
    """What each object adds to the U-statistic, pair by pair."""
    pairs = np.sign(scores[positive][:, None] - scores[~positive][None]) / 2 + 0.5
    return pairs.mean(), pairs.mean(1), pairs.mean(0)


def covariance(first, second):
    return sum(
        ((a - a.mean()) * (b - b.mean())).sum() / (len(a) - 1) / len(a)
        for a, b in zip(first[1:], second[1:], strict=True)
    )


@given(scored())
def test_variance_is_that_of_the_u_statistic_pair_by_pair(objects):
    scores, positive, _ = objects
    found = delong_interval(scores, positive)
    above, below = positive.sum(), (~positive).sum()
    if not above or not below:
        assert (found.value, found.variance, found.lower, found.p) == (None,) * 4
        return
    area, *_ = each = components(scores, positive)
    assert found.value == pytest.approx(area, abs=1e-9)
    if min(above, below) < 2:
        assert found.variance is None
        assert found.lower is None
        return
    variance = covariance(each, each)
    assert found.variance == pytest.approx(variance, abs=1e-9)
    if variance < 1e-12:
        assert found.lower is None
        return
    reach = 1.959963984540054 * np.sqrt(variance)
    assert found.lower == pytest.approx(max(0, area - reach), abs=1e-9)
    assert found.upper == pytest.approx(min(1, area + reach), abs=1e-9)


@given(scored())
def test_two_readers_are_compared_with_their_covariance(objects):
    first, positive, other = objects
    second = first + other
    found = delong_test(first, second, positive)
    if min(positive.sum(), (~positive).sum()) < 2:
        assert found.p is None
        return
    one, two = components(first, positive), components(second, positive)
    variance = covariance(one, one) + covariance(two, two) - 2 * covariance(one, two)
    assert found.value == pytest.approx(one[0] - two[0], abs=1e-9)
    assert found.variance == pytest.approx(variance, abs=1e-9)
    if variance > 1e-12:
        z = abs(one[0] - two[0]) / np.sqrt(variance)
        assert found.p == pytest.approx(2 * norm.sf(z), abs=1e-6)
    back = delong_test(second, first, positive)
    assert back.value == pytest.approx(-found.value, abs=1e-9)


def test_a_yes_or_no_test_has_a_closed_form():
    # 30 of 40 positives and 45 of 50 negatives are right: the AUC is the balanced accuracy
    positive = np.arange(90) < 40
    said = np.r_[np.ones(30), np.zeros(10), np.ones(5), np.zeros(45)]
    found = delong_interval(said, positive)
    assert found.value == pytest.approx((0.75 + 0.9) / 2)
    variance = (0.75 * 0.25 / 39 + 0.9 * 0.1 / 49) / 4
    assert found.variance == pytest.approx(variance)


def test_the_interval_covers_in_independent_samples():
    random = np.random.default_rng(0)
    truth = norm.cdf(1 / np.sqrt(2))
    held = 0
    for _ in range(600):
        positive = np.arange(120) < 50
        found = delong_interval(random.normal(positive.astype(float)), positive)
        held += found.lower <= truth <= found.upper
    assert 0.93 <= held / 600 <= 0.97


def test_classes_that_do_not_overlap_say_nothing_of_their_spread():
    found = delong_interval([0.1, 0.2, 0.8, 0.9], [False, False, True, True])
    assert (found.value, found.variance, found.lower, found.p) == (1, 0, None, None)
    same = delong_test([0.1, 0.4, 0.3, 0.9], [0.1, 0.4, 0.3, 0.9], [False, False, True, True])
    assert (same.value, same.p) == (0, None)


def test_an_unknown_score_leaves_no_area():
    assert delong_interval([0.1, np.nan, 0.9], [False, True, True]).value is None
    assert delong_test([0.1, 0.5, 0.9], [0.1, np.nan, 0.9], [False, True, True]).value is None
