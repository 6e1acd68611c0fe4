import numpy as np
import pytest
from bench.conformal_width import judged, narrowest, weighted_quantile

from tests.metrics.pairs import pairs


def test_the_narrowest_width_holds_95_percent_of_what_is_judged():
    error = np.arange(1.0, 101)
    assert narrowest(error, np.arange(100)) == 95
    # One patient with 100 values weighs as much as each of 9 with one: half of them are needed.
    assert narrowest(np.r_[error, np.full(9, 0.5)], np.r_[np.zeros(100, int), 1:10]) == 50


def test_the_weighted_quantile_follows_the_worst_value():
    values, patients = np.r_[np.ones(199), 50.0], np.repeat(np.arange(20), 10)
    assert weighted_quantile(values, patients) == 50
    assert weighted_quantile(values[:10], np.arange(10)) is None


def test_repeated_deals_hold_what_they_promise():
    random = np.random.default_rng(0)
    patients = np.repeat(np.arange(60), 5)
    doubt = random.uniform(0.05, 1, 300)
    found = judged(pairs(random.normal(size=300) * np.sqrt(doubt), doubt=doubt), patients, 20)
    assert found["ours"]["coverage"] == pytest.approx(0.95, abs=0.02)
    assert found["ours"]["median_width"] == pytest.approx(2 * 1.96 * np.sqrt(0.525), rel=0.15)
    assert found["ours"]["of_narrowest"] == pytest.approx(1, abs=0.2)
    assert found["weighted_quantile"]["coverage"] > 0.98
    assert judged(pairs(np.ones(300)), patients // 2, 20) is None
