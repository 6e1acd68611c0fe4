import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import f as f_distribution
from statsmodels.formula.api import ols
from statsmodels.stats.anova import anova_lm

from polyclinic.errors import DataError
from polyclinic.metrics.agree.icc import (
    icc_agreement,
    icc_agreement_interval,
    icc_consistency,
    icc_consistency_interval,
    icc_one_way,
    icc_one_way_interval,
    mean_squares,
)
from tests.metrics.agree.drawn import repeated, weighted_tables

SHROUT_FLEISS = np.array(
    [[9, 2, 5, 8], [6, 1, 3, 2], [8, 4, 6, 8], [7, 1, 2, 6], [10, 5, 6, 9], [6, 2, 4, 7]], float
)
"""Table 2 of Shrout and Fleiss 1979: six subjects, four judges."""

FORMS = (icc_one_way, icc_agreement, icc_consistency)
INTERVALS = (icc_one_way_interval, icc_agreement_interval, icc_consistency_interval)


def test_the_published_table():
    of = mean_squares(SHROUT_FLEISS, np.ones((1, 6)))
    squares = [of.between, of.within, of.raters, of.error]
    assert np.round(squares, 2).ravel().tolist() == [11.24, 6.26, 32.49, 1.02]
    assert [round(float(form(of)[0]), 2) for form in FORMS] == [0.17, 0.29, 0.71]
    bounds = [tuple(round(float(side[0]), 2) for side in one(of)) for one in INTERVALS]
    assert bounds == [(-0.13, 0.72), (0.02, 0.76), (0.34, 0.95)]


@pytest.mark.parametrize(("seed", "n", "k"), [(0, 5, 2), (1, 12, 3), (2, 30, 6)])
def test_mean_squares_are_those_of_an_analysis_of_variance(seed, n, k):
    random = np.random.default_rng(seed)
    table = 40 + random.normal(size=(n, 1)) + random.normal(size=k) + random.normal(size=(n, k))
    of = mean_squares(table, np.ones((1, n)))
    long = pd.DataFrame(
        {
            "value": table.ravel(),
            "item": np.repeat(np.arange(n), k),
            "rater": np.tile(np.arange(k), n),
        }
    )
    expected = anova_lm(ols("value ~ C(item) + C(rater)", long).fit())["mean_sq"]
    assert of.between[0] == pytest.approx(expected["C(item)"], rel=1e-9)
    assert of.raters[0] == pytest.approx(expected["C(rater)"], rel=1e-9)
    assert of.error[0] == pytest.approx(expected["Residual"], rel=1e-9)
    one_way = anova_lm(ols("value ~ C(item)", long).fit())["mean_sq"]
    assert of.within[0] == pytest.approx(one_way["Residual"], rel=1e-9)


@given(st.integers(2, 4).flatmap(lambda k: weighted_tables(columns=k)))
def test_a_whole_weight_repeats_an_object(drawn):
    table, weights = drawn
    of = mean_squares(table, weights)
    for i, row in enumerate(weights):
        rows = repeated(table, row)
        alone = mean_squares(rows, np.ones((1, len(rows))))
        for form in FORMS:
            np.testing.assert_allclose(form(of)[i], form(alone)[0], atol=1e-9)
        for interval in INTERVALS:
            for side, expected in zip(interval(of), interval(alone), strict=True):
                np.testing.assert_allclose(side[i], expected[0], rtol=1e-6, atol=1e-6)


@given(weighted_tables(columns=3, least=3))
def test_the_interval_of_agreement_is_also_that_of_shrout_and_fleiss(drawn):
    table, _ = drawn
    n, k = table.shape
    of = mean_squares(table, np.ones((1, n)))
    lower, upper = icc_agreement_interval(of)
    between, raters, error, rho = (
        float(one[0]) for one in (of.between, of.raters, of.error, icc_agreement(of))
    )
    if not min(error, between) > 1e-9:
        return
    ratio, rest = raters / error, n * (1 + (k - 1) * rho) - k * rho
    below = (n - 1) * (k * rho * ratio) ** 2 + rest**2
    degrees = (k - 1) * (n - 1) * (k * rho * ratio + rest) ** 2 / below
    if degrees < 0.1:
        return
    high = f_distribution.ppf(0.975, n - 1, degrees)
    low = f_distribution.ppf(0.975, degrees, n - 1)
    spread = k * raters + (k * n - k - n) * error
    np.testing.assert_allclose(
        [lower[0], upper[0]],
        [
            n * (between - high * error) / (high * spread + n * between),
            n * (low * between - error) / (spread + n * low * between),
        ],
        rtol=1e-6,
        atol=1e-9,
    )


def test_what_has_no_correlation_is_nan():
    single = mean_squares([[1, 2]], np.ones((1, 1)))
    shifted = mean_squares([[1, 2], [1, 2], [1, 2]], np.ones((1, 3)))
    assert np.isnan([form(of)[0] for form in FORMS for of in (single,)]).all()
    assert np.isnan([icc_agreement(shifted)[0], icc_consistency(shifted)[0]]).all()
    assert np.isnan(icc_agreement(mean_squares(np.zeros((0, 2)), np.ones((2, 0))))).all()


def test_perfect_agreement_and_a_shift():
    weights = np.ones((1, 4))
    same = mean_squares(np.repeat([[1.0], [2], [4], [8]], 3, axis=1), weights)
    assert [form(same)[0] for form in FORMS] == [1, 1, 1]
    shifted = mean_squares([[1, 11], [2, 12], [4, 14], [8, 18]], weights)
    assert icc_consistency(shifted)[0] == pytest.approx(1)
    assert icc_agreement(shifted)[0] < 0.3


def test_one_rater_is_refused():
    with pytest.raises(DataError, match="two raters"):
        mean_squares([[1], [2]], np.ones((1, 2)))
