import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit

from polyclinic.metrics.classify.calibration import squared_calibration_error
from polyclinic.metrics.classify.event import benefits, calibration_intercept, recalibration


def drawn(seed=0, count=300):
    random = np.random.default_rng(seed)
    odds = random.normal(-1, 1.5, count)
    happened = random.random(count) < expit(0.4 + 0.7 * odds)
    return odds, happened, random.integers(0, 4, (3, count)).astype(float)


def fitted(terms, happened, weights, **known):
    family = sm.families.Binomial()
    return sm.GLM(happened * 1.0, terms, family=family, freq_weights=weights, **known).fit().params


def test_recalibration_is_the_logistic_regression_of_statsmodels():
    odds, happened, weights = drawn()
    found = recalibration(expit(odds), happened, weights)
    whole = calibration_intercept(expit(odds), happened, weights)
    for row, weight in enumerate(weights):
        expected = fitted(sm.add_constant(odds), happened, weight)
        np.testing.assert_allclose(found[row], expected, atol=1e-6)
        expected = fitted(np.ones((len(odds), 1)), happened, weight, offset=odds)
        assert whole[row] == pytest.approx(expected[0], abs=1e-6)


def test_nothing_finite_is_unknown():
    ones = np.ones((1, 4))
    two = np.array([False, False, True, True])
    assert np.isnan(recalibration(np.array([0.1, 0.2, 0.8, 0.9]), two, ones)).all()
    assert np.isnan(recalibration(np.full(4, 0.3), two, ones)).all()
    assert np.isnan(calibration_intercept(np.full(4, 0.3), np.ones(4, bool), ones)).all()
    assert recalibration(np.array([0.0, 1.0, 0.0, 1.0]), two, ones) == pytest.approx(0, abs=1e-6)


def test_the_gap_of_a_calibrated_reader_is_nought_on_average():
    random = np.random.default_rng(1)
    patients = np.repeat(np.arange(30), 4)
    found = []
    for _ in range(400):
        risk = np.repeat(random.uniform(0, 1, 30), 4)
        happened = np.repeat(random.random(30) < risk[::4], 4)  # alike in a patient
        of = squared_calibration_error(risk, happened, np.ones((1, 120)), patients=patients)
        found.append(float(of[0]))
    assert np.mean(found) == pytest.approx(0, abs=3 * np.std(found) / 20)
    three = squared_calibration_error(np.full(3, 0.3), np.array([1, 1, 0]) > 0, np.ones((1, 3)))
    assert three[0] == pytest.approx((0.7**2 - 2 * 0.7 * 0.3) / 3)  # mean of the three products


def test_benefit_of_acting_on_everybody_and_on_nobody():
    happened = np.array([True, False, False, False])
    assert benefits(np.ones(4), happened, 0.2).mean() == pytest.approx(0.25 - 0.75 * 0.25)
    assert benefits(np.zeros(4), happened, 0.2).mean() == 0
    np.testing.assert_allclose(benefits(np.full(4, np.nan), happened, 0.2)[:2], [0, -0.25])
