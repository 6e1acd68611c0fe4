from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logit, softmax
from sklearn.calibration import CalibratedClassifierCV
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression

from polyclinic.metrics.classify.proper import negative_log_likelihood
from polyclinic.metrics.classify.temperature import (
    COOLEST,
    HOTTEST,
    apply_binary_temperature,
    apply_temperature,
    fit_binary_temperature,
    fit_temperature,
    hit_classes,
)
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import ABNORMAL, block, case

SHARES = np.array([0.2, 0.1, 0.0, 0.5, 0.0])


def read(left, **known):
    return replace(block(left), score=0.9, probabilities=SHARES, **known)


def test_hits_alone_count_and_shares_add_up_to_one():
    cases = [
        case([block(5), block(40, category=ABNORMAL)], [read(5), read(90)], 1),
        case([block(5, category=None)], [read(5)], 2),
        case([block(5, category=ABNORMAL)], [read(5)], 3),
    ]
    found = hit_classes(match_cases(cases, by_class=False))
    assert found.rows.tolist() == [0, 2]
    assert found.true.tolist() == [0, ABNORMAL]
    assert found.probabilities.sum(1) == pytest.approx(1)
    assert found.probabilities[0, 3] == pytest.approx(0.625)


def test_nothing_where_no_probabilities_are_read():
    assert hit_classes(match_cases([case([block(5)], [block(5)])], by_class=False)) is None
    assert hit_classes([]) is None


def answers(temperature, seed=0, number=400, classes=4):
    """Probabilities that are too sure by a temperature, and what really happened."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 2, (number, classes))
    honest = softmax(logits / temperature, axis=1)
    true = np.array([random.choice(classes, p=row) for row in honest])
    return softmax(logits, axis=1), true


@given(st.integers(0, 100), st.floats(0.5, 3))
def test_two_classes_are_a_logistic_regression_without_intercept(seed, temperature):
    probabilities, true = answers(temperature, seed, number=200, classes=2)
    found = fit_binary_temperature(probabilities[:, 1], true == 1)
    slope = sm.Logit(true, logit(probabilities[:, 1])[:, None]).fit(disp=0).params[0]
    if COOLEST < 1 / slope < HOTTEST:
        assert found == pytest.approx(1 / slope, rel=1e-5)


def test_several_classes_as_scikit_learn_scales_them():
    random = np.random.default_rng(0)
    held, true = random.normal(size=(300, 3)), random.integers(0, 3, 300)
    held[np.arange(300), true] += 1
    model = LogisticRegression(C=100).fit(3 * held[:60], true[:60])
    scaled = CalibratedClassifierCV(FrozenEstimator(model), method="temperature")
    scaled.fit(held[60:], true[60:])
    before = model.predict_proba(held[60:])
    ours = apply_temperature(before, fit_temperature(before, true[60:]))
    np.testing.assert_allclose(ours, scaled.predict_proba(held[60:]), atol=1e-3)
    ones = np.ones((1, 240))
    theirs = negative_log_likelihood(scaled.predict_proba(held[60:]), true[60:], ones)
    assert negative_log_likelihood(ours, true[60:], ones) <= theirs + 1e-9


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_them_too_sure_is_found(temperature):
    probabilities, true = answers(temperature, number=4000)
    assert fit_temperature(probabilities, true) == pytest.approx(temperature, rel=0.1)


def test_order_and_sum_stay_and_one_changes_nothing():
    probabilities, _ = answers(1.0, number=50)
    hot = apply_temperature(probabilities, 2.0)
    np.testing.assert_allclose(hot.sum(1), 1)
    np.testing.assert_array_equal(hot.argsort(1), probabilities.argsort(1))
    np.testing.assert_allclose(apply_temperature(probabilities, 1.0), probabilities)
    np.testing.assert_allclose(
        apply_binary_temperature(np.array([0.0, 0.2, 1.0]), 1.0), [0, 0.2, 1], atol=1e-9
    )


def test_answers_without_information_end_at_the_hottest_and_sure_ones_at_the_coolest():
    always_right = np.array([[0.6, 0.4], [0.3, 0.7]])
    assert fit_temperature(always_right, np.array([0, 1])) == pytest.approx(COOLEST, rel=1e-3)
    assert fit_temperature(always_right, np.array([1, 0])) == pytest.approx(HOTTEST, rel=1e-3)


def test_nothing_known_gives_no_temperature():
    assert np.isnan(fit_temperature(np.zeros((0, 3)), np.zeros(0, int)))
    assert np.isnan(fit_temperature(np.full((2, 2), np.nan), np.array([0, 1])))
    assert np.isnan(apply_temperature(np.array([[0.4, 0.6]]), float("nan"))).all()
    probabilities, true = answers(2.0, number=200)
    padded = np.vstack([probabilities, np.full((1, 4), np.nan)])
    expected = fit_temperature(probabilities, true)
    assert fit_temperature(padded, np.append(true, 0)) == pytest.approx(expected)


def test_zeros_in_single_precision_are_no_trouble():
    sure = np.array([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], np.float32)
    found = fit_temperature(sure, np.array([0, 1, 1]))
    assert np.isfinite(found)
    assert np.isfinite(apply_temperature(sure, found)).all()
