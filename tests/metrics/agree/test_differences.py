import numpy as np
import pytest
from hypothesis import given
from sklearn.metrics import mean_absolute_error as scikit_mae
from sklearn.metrics import root_mean_squared_error as scikit_rmse

from polyclinic.metrics.agree.differences import (
    bias,
    deviation,
    lower_limit,
    mean_absolute_error,
    root_mean_squared_error,
    upper_limit,
)
from polyclinic.metrics.agree.sums import moments
from tests.metrics.agree.drawn import repeated, weighted_tables


@given(weighted_tables())
def test_errors_are_those_of_scikit_learn_on_repeated_pairs(drawn):
    table, weights = drawn
    of = moments(*table.T, weights)
    for row, mae, rmse, mean in zip(
        weights, mean_absolute_error(of), root_mean_squared_error(of), bias(of), strict=True
    ):
        found, true = repeated(table, row).T
        if not len(found):
            assert np.isnan([mae, rmse, mean]).all()
            continue
        assert mae == pytest.approx(scikit_mae(true, found), abs=1e-9)
        assert rmse == pytest.approx(scikit_rmse(true, found), abs=1e-9)
        assert mean == pytest.approx((found - true).mean(), abs=1e-9)


@given(weighted_tables())
def test_limits_are_those_of_repeated_pairs(drawn):
    table, weights = drawn
    of = moments(*table.T, weights)
    for row, spread, low, high in zip(
        weights, deviation(of), lower_limit(of), upper_limit(of), strict=True
    ):
        difference = -np.diff(repeated(table, row), axis=1)[:, 0]
        if len(difference) < 2:
            assert np.isnan([spread, low, high]).all()
            continue
        expected = difference.std(ddof=1)
        assert spread == pytest.approx(expected, abs=1e-6)
        assert low == pytest.approx(difference.mean() - 1.96 * expected, abs=1e-6)
        assert high == pytest.approx(difference.mean() + 1.96 * expected, abs=1e-6)
