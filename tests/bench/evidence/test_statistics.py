"""Intervals are those of closed forms where there is one, and hold what they promise."""

import numpy as np
import pytest
from bench.evidence.knee_columns import COLUMNS, mean_error
from bench.evidence.statistics import difference, half_width, spread
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

SEEDS, LANDMARKS = 3, 4


def names(patients, knees=1):
    return [f"p{number}" for number in range(patients) for _ in range(knees)]


def test_measures_of_known_errors() -> None:
    errors = np.array([[0.5, 1.2, 1.7, 2.2], [3.0, 0.9, np.nan, 12.0], [10.0, 0.0, 0.0, 0.0]])
    found = {name: spread([errors], column.measure)[0] for name, column in COLUMNS.items()}
    assert found == pytest.approx(
        {
            "mean_mm": np.nanmean(errors),
            "median_mm": np.nanmedian(errors),
            "pck_1mm": 5 / 11,
            "pck_1.5mm": 6 / 11,
            "pck_2mm": 7 / 11,
            "pck_2.5mm": 8 / 11,
            "outliers_10mm": 2 / 3,
        }
    )


def test_spread_over_seeds() -> None:
    errors = [np.full((5, LANDMARKS), level) for level in (1.0, 2.0, 6.0)]
    assert spread(errors, mean_error) == pytest.approx((3.0, np.std([1, 2, 6], ddof=1)))
    assert spread(errors[:1], mean_error) == (1.0, None)


def test_one_variance_alone_is_students_interval() -> None:
    values = np.array([0.3, -0.2, 0.9, 0.1, 0.4])
    low, high = ttest_1samp(values, 0).confidence_interval(0.95)
    reach = half_width([(values.var(ddof=1) / len(values), len(values) - 1)])
    assert reach == pytest.approx((high - low) / 2)
    assert half_width([(0.0, 4), (0.0, 2)]) == 0.0


def test_where_patients_agree_only_seeds_count() -> None:
    """All knees differ by the same: the interval is Student's over seeds, exactly."""
    rng = np.random.default_rng(1)
    baseline = [rng.gamma(2, 1, (20, LANDMARKS)) for _ in range(SEEDS)]
    steps = np.array([-0.4, -0.1, -0.3])
    variant = [one + step for one, step in zip(baseline, steps, strict=True)]
    found = difference(variant, baseline, names(10, 2), mean_error)
    low, high = ttest_1samp(steps, 0).confidence_interval(0.95)
    assert (found.value, found.lower, found.upper) == pytest.approx((steps.mean(), low, high))
    assert found.of_seeds == pytest.approx(steps)
    assert found.patients_sd == pytest.approx(0, abs=1e-9)


def test_where_seeds_agree_only_patients_count() -> None:
    """One knee a patient: the interval is Student's over patients, but for the draws."""
    rng = np.random.default_rng(2)
    baseline = rng.gamma(2, 1, (40, LANDMARKS))
    steps = rng.normal(-0.3, 0.5, 40)
    variant = baseline + steps[:, None]
    found = difference([variant] * SEEDS, [baseline] * SEEDS, names(40), mean_error)
    low, high = ttest_1samp(steps, 0).confidence_interval(0.95)
    assert found.value == pytest.approx(steps.mean())
    assert found.upper - found.lower == pytest.approx(high - low, rel=0.06)
    assert found.seeds_sd == pytest.approx(0, abs=1e-9)


def test_a_second_knee_that_is_the_same_adds_nothing() -> None:
    rng = np.random.default_rng(3)
    one, other = rng.gamma(2, 1, (2, SEEDS, 15, LANDMARKS))
    single = difference(list(one), list(other), names(15), mean_error)
    double = difference(
        list(one.repeat(2, axis=1)), list(other.repeat(2, axis=1)), names(15, 2), mean_error
    )
    assert double.patients_sd == pytest.approx(single.patients_sd)
    assert double.value == pytest.approx(single.value)


@given(st.sampled_from(sorted(COLUMNS)), st.integers(0, 99))
def test_nothing_differs_from_itself_and_signs_turn(name, seed) -> None:
    rng = np.random.default_rng(seed)
    one, other = rng.gamma(2, 2, (2, 2, 6, LANDMARKS))
    same = difference(list(one), list(one), names(3, 2), COLUMNS[name].measure)
    assert (same.value, same.lower, same.upper) == (0, 0, 0)
    there = difference(list(one), list(other), names(3, 2), COLUMNS[name].measure)
    back = difference(list(other), list(one), names(3, 2), COLUMNS[name].measure)
    assert (there.value, there.lower) == pytest.approx((-back.value, -back.upper))


def test_intervals_hold_for_new_patients_and_new_seeds() -> None:
    """Both are drawn anew each time around a true difference of 1."""
    rng = np.random.default_rng(4)
    held = 0
    for _ in range(200):
        seeds, patients = rng.normal(0, 0.3, SEEDS), rng.normal(0, 1, 30)
        own = rng.normal(0, 0.5, (SEEDS, 30))
        steps = 1 + seeds[:, None] + patients + own
        found = difference(
            list(steps[..., None]), list(np.zeros((SEEDS, 30, 1))), names(30), mean_error
        )
        held += found.lower <= 1 <= found.upper
    assert held >= 182
