import numpy as np
import pytest
from hypothesis import given
from scipy.stats import nct, ttest_1samp

from polyclinic.errors import DataError
from polyclinic.metrics.agree.limits import limits_of_agreement
from tests.metrics.agree.drawn import weighted_tables


@given(weighted_tables(least=2))
def test_values_are_those_of_numpy(drawn):
    found, true = drawn[0].T
    limits = limits_of_agreement(found, true)
    difference = (found - true)[np.isfinite(found - true)]
    reach = 1.96 * difference.std(ddof=1) if len(difference) > 1 else np.nan
    assert limits.n == len(difference)
    assert limits.bias.value == pytest.approx(difference.mean(), abs=1e-9)
    if len(difference) > 1:
        assert limits.lower.value == pytest.approx(difference.mean() - reach, abs=1e-6)
        assert limits.upper.value == pytest.approx(difference.mean() + reach, abs=1e-6)


def test_the_interval_of_the_bias_is_that_of_a_t_test():
    difference = np.random.default_rng(0).normal(1, 2, 15)
    expected = ttest_1samp(difference, 0).confidence_interval(0.9)
    bias = limits_of_agreement(difference, np.zeros(15), level=0.9).bias
    assert (bias.lower, bias.upper) == pytest.approx(tuple(expected), rel=1e-9)


@pytest.mark.parametrize("n", [3, 8, 40])
def test_the_interval_of_a_limit_holds_as_often_as_it_says(n):
    random = np.random.default_rng(n)
    one = limits_of_agreement(difference := random.normal(size=n), np.zeros(n))
    spread = difference.std(ddof=1)
    draws = random.normal(size=(40_000, n))
    means, spreads = draws.mean(1), draws.std(1, ddof=1)
    for limit, truth in ((one.upper, 1.96), (one.lower, -1.96)):
        low, high = ((edge - one.bias.value) / spread for edge in (limit.lower, limit.upper))
        above = means + high * spreads < truth
        below = means + low * spreads > truth
        assert above.mean() == pytest.approx(0.025, abs=0.004)
        assert below.mean() == pytest.approx(0.025, abs=0.004)


def test_an_edge_is_where_the_noncentral_t_reaches_its_tail():
    n, difference = 12, np.arange(12.0)
    upper = limits_of_agreement(difference, np.zeros(n)).upper
    for edge, tail in ((upper.lower, 0.025), (upper.upper, 0.975)):
        standard = (edge - difference.mean()) / difference.std(ddof=1) * np.sqrt(n)
        assert nct.cdf(standard, n - 1, 1.96 * np.sqrt(n)) == pytest.approx(tail, abs=1e-6)


def test_many_pairs_come_close_to_the_approximation_of_bland_and_altman():
    difference = np.random.default_rng(3).normal(size=5000)
    upper = limits_of_agreement(difference, np.zeros(5000)).upper
    reach = 1.96 * difference.std(ddof=1) * np.sqrt(1 / 5000 + 1.96**2 / (2 * 4999))
    assert upper.upper - upper.value == pytest.approx(reach, rel=0.03)
    assert upper.value - upper.lower == pytest.approx(reach, rel=0.03)


def test_what_the_number_of_pairs_does_not_allow_is_none():
    nothing = limits_of_agreement([np.nan], [1])
    assert (nothing.n, nothing.bias.value, nothing.upper.value) == (0, None, None)
    single = limits_of_agreement([4, np.nan], [3, 3])
    assert (single.n, single.bias.value, single.bias.lower, single.upper.value) == (
        1,
        1,
        None,
        None,
    )
    same = limits_of_agreement([4, 5], [3, 4])
    assert (same.upper.lower, same.upper.upper) == (1, 1)


def test_lists_of_different_length_are_refused():
    with pytest.raises(DataError, match="same length"):
        limits_of_agreement([1, 2], [1])
