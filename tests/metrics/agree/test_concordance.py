import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import pearsonr
from sklearn.metrics import r2_score
from torchmetrics.functional.regression import concordance_corrcoef

from polyclinic.metrics.agree.concordance import (
    concordance,
    deming_intercept,
    deming_slope,
    determination,
    pearson,
)
from polyclinic.metrics.agree.sums import moments
from tests.metrics.agree.drawn import repeated, weighted_tables


def each_row(drawn):
    """The moments of every row of weights, and the pairs that they stand for."""
    table, weights = drawn
    of = moments(*table.T, weights)
    return of, [repeated(table, row).T for row in weights]


@given(weighted_tables())
def test_pearson_is_that_of_scipy(drawn):
    of, rows = each_row(drawn)
    for value, (found, true) in zip(pearson(of), rows, strict=True):
        if len(found) < 2 or np.ptp(found) == 0 or np.ptp(true) == 0:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(pearsonr(found, true).statistic, abs=1e-9)


@given(weighted_tables())
def test_determination_is_that_of_scikit_learn(drawn):
    of, rows = each_row(drawn)
    for value, (found, true) in zip(determination(of), rows, strict=True):
        if not len(true) or np.ptp(true) == 0:
            assert np.isnan(value)
        else:
            assert value == pytest.approx(r2_score(true, found), abs=1e-9)


@given(weighted_tables())
def test_concordance_is_that_of_torchmetrics_with_the_divisor_of_lin(drawn):
    of, rows = each_row(drawn)
    for value, (found, true) in zip(concordance(of), rows, strict=True):
        n = len(found)
        if n < 2 or (np.ptp(found) == 0 and np.ptp(true) == 0):
            assert np.isnan(value)
        elif np.ptp(found) == 0 or np.ptp(true) == 0:
            assert value == pytest.approx(0, abs=1e-9)
        else:
            # torchmetrics divides by n - 1: a wider gap of the means makes up for it
            gap = (found.mean() - true.mean()) * (np.sqrt(n / (n - 1)) - 1)
            expected = concordance_corrcoef(torch.tensor(found + gap), torch.tensor(true))
            assert value == pytest.approx(float(expected), abs=1e-6)


@given(weighted_tables(), st.floats(0.1, 10))
def test_deming_is_the_main_axis_of_scaled_points(drawn, ratio):
    of, rows = each_row(drawn)
    slopes, intercepts = deming_slope(of, ratio), deming_intercept(of, ratio)
    for slope, intercept, (found, true) in zip(slopes, intercepts, rows, strict=True):
        if len(found) < 2:
            assert np.isnan(slope)
            continue
        points = np.stack([true, found / np.sqrt(ratio)])
        _, lengths, axes = np.linalg.svd((points - points.mean(1, keepdims=True)).T)
        lengths = np.pad(lengths, (0, 2 - len(lengths)))
        if lengths[0] - lengths[1] < 1e-3:
            continue
        along, up = axes[0]
        if abs(along) < 1e-6:
            assert np.isnan(slope) or abs(slope) > 1e5
            continue
        assert slope == pytest.approx(up / along * np.sqrt(ratio), rel=1e-6, abs=1e-9)
        assert intercept == pytest.approx(found.mean() - slope * true.mean(), rel=1e-6, abs=1e-6)


def test_a_line_is_found_whatever_the_ratio_and_however_far_from_zero():
    true = 5000 + np.arange(6.0)
    of = moments(3 - 2 * true, true, np.ones((1, 6)))
    for ratio in (0.2, 1, 7):
        assert deming_slope(of, ratio) == pytest.approx([-2], rel=1e-9)
        assert deming_intercept(of, ratio) == pytest.approx([3], abs=1e-4)


def test_ordinary_regression_is_the_limit_of_exact_true_values():
    random = np.random.default_rng(1)
    true = random.normal(size=50)
    found = 1.5 * true + random.normal(size=50)
    of = moments(found, true, np.ones((1, 50)))
    assert deming_slope(of, 1e9)[0] == pytest.approx(np.polyfit(true, found, 1)[0], rel=1e-6)
