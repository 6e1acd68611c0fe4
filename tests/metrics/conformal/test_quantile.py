from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.conformal import least_patients, patient_quantile

VALUES = st.sampled_from([0.0, 1.0, 2.5, 7.0]) | st.floats(0, 10) | st.just(np.nan)
PATIENTS = st.lists(st.lists(VALUES, max_size=5), max_size=40)
FEW = st.lists(st.lists(VALUES, max_size=3), max_size=6)
LEVELS = st.floats(0.05, 0.95)


def flat(patients):
    values = [value for held in patients for value in held]
    return np.array(values, float), np.repeat(np.arange(len(patients)), [len(p) for p in patients])


def mean_over_all_draws(patients, level):
    """The bound by its definition: every way of drawing one value a patient, one by one."""
    held = [[v for v in values if np.isfinite(v)] for values in patients]
    held = [values for values in held if values]
    count = len(held)
    if level * (count + 1) > count + 1e-9:
        return None
    rank = max(level * (count + 1), 1)
    lower = int(np.floor(rank + 1e-9))

    def reached(bound):
        return np.mean([np.mean([v <= bound for v in values]) for values in held])

    def share(draw, one):
        return reached(sorted(draw)[min(one, count) - 1])

    part = max(rank - lower, 0)
    wanted = np.mean(
        [(1 - part) * share(draw, lower) + part * share(draw, lower + 1) for draw in product(*held)]
    )
    return next(b for b in sorted(v for some in held for v in some) if reached(b) >= wanted - 1e-9)


@given(FEW, LEVELS)
def test_it_is_the_mean_over_all_draws_of_the_definition(patients, level):
    assert patient_quantile(*flat(patients), level) == mean_over_all_draws(patients, level)


@given(PATIENTS, LEVELS, LEVELS)
def test_a_higher_level_never_reaches_less_far(patients, first, second):
    low, high = (patient_quantile(*flat(patients), level) for level in sorted((first, second)))
    assert high is None or (low is not None and low <= high)


@given(PATIENTS, LEVELS, st.randoms())
def test_order_and_names_of_patients_are_no_matter(patients, level, random):
    mixed = list(patients)
    random.shuffle(mixed)
    values, of = flat(mixed)
    assert patient_quantile(values, 100 - 2 * of, level) == patient_quantile(*flat(patients), level)


@given(PATIENTS, LEVELS, st.integers(1, 4))
def test_copies_of_all_images_of_a_patient_change_nothing(patients, level, times):
    copied = [held * times if row % 2 else held for row, held in enumerate(patients)]
    assert patient_quantile(*flat(copied), level) == patient_quantile(*flat(patients), level)


def test_95_percent_needs_19_patients():
    assert [least_patients(level) for level in (0.5, 0.8, 0.9, 0.95, 0.99)] == [1, 4, 9, 19, 99]
    alike = np.repeat(np.arange(19.0), 3)
    assert patient_quantile(alike, np.repeat(np.arange(19), 3)) == 18
    assert patient_quantile(alike[:-3], np.repeat(np.arange(18), 3)) is None
    assert patient_quantile([], []) is None


@pytest.mark.parametrize("count", [19, 20, 39, 59, 100])
def test_one_image_a_patient_is_ordinary_split_conformal(count):
    values = np.random.default_rng(count).permutation(count).astype(float)
    rank = int(np.ceil(0.95 * (count + 1) - 1e-9))
    assert patient_quantile(values, np.arange(count)) == rank - 1


@pytest.mark.parametrize("count", [19, 20, 38])
def test_images_as_unlike_as_those_of_others_are_no_worse_than_as_many_patients(count):
    """Ten different values a patient, dealt at random: close to the rank 0.95 (10 K + 1)."""
    values = np.random.default_rng(count).permutation(10 * count).astype(float)
    found = patient_quantile(values, np.arange(10 * count) // 10)
    assert found == pytest.approx(0.95 * (10 * count + 1) - 1, abs=2)


def test_one_wrong_value_among_many_is_not_the_bound():
    """The weighted quantile would have answered 1000: its bound is that of 99.75 % of values."""
    values = np.append(np.tile(np.arange(1.0, 11), 20), 1000)
    patients = np.append(np.repeat(np.arange(20), 10), 0)
    assert patient_quantile(values, patients) == 10


def test_a_patient_with_many_images_counts_once():
    values = np.r_[np.zeros(500), np.ones(30)]
    patients = np.r_[np.zeros(500, int), np.arange(1, 31)]
    assert patient_quantile(values, patients, 0.5) == 1


def test_thousands_of_patients_take_a_moment():
    random = np.random.default_rng(0)
    patients = np.repeat(np.arange(2000), 4)
    found = patient_quantile(np.abs(random.normal(size=8000)), patients)
    assert found == pytest.approx(1.96, abs=0.06)
