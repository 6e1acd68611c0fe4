import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.conformal import least_patients, patient_quantile

PATIENTS = st.lists(
    st.lists(
        st.sampled_from([0.0, 1.0, 2.5, 7.0]) | st.floats(0, 10) | st.just(np.nan), max_size=5
    ),
    max_size=40,
)
LEVELS = st.floats(0.05, 0.95)


def flat(patients):
    values = [value for held in patients for value in held]
    return np.array(values, float), np.repeat(np.arange(len(patients)), [len(p) for p in patients])


def weighted_quantile_by_definition(patients, level):
    """Smallest value whose cumulated weight reaches the level, infinity included."""
    held = [[v for v in values if np.isfinite(v)] for values in patients]
    held = [values for values in held if values]
    count = len(held)
    for bound in sorted(v for values in held for v in values):
        below = sum(np.mean([v <= bound for v in values]) / (count + 1) for values in held)
        if below >= level - 1e-12:
            return bound
    return None


@given(PATIENTS, LEVELS)
def test_it_is_the_quantile_of_the_definition(patients, level):
    assert patient_quantile(*flat(patients), level) == weighted_quantile_by_definition(
        patients, level
    )


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
    thirds = np.arange(3 * 19.0)
    assert patient_quantile(thirds, thirds // 3) == 56
    assert patient_quantile(thirds[:-3], thirds[:-3] // 3) is None
    assert patient_quantile([], []) is None


@pytest.mark.parametrize("count", [19, 20, 39, 59, 100])
def test_one_image_a_patient_is_ordinary_split_conformal(count):
    values = np.random.default_rng(count).permutation(count).astype(float)
    rank = int(np.ceil(0.95 * (count + 1) - 1e-9))
    assert patient_quantile(values, np.arange(count)) == rank - 1


def test_a_patient_with_many_images_counts_once():
    values = np.r_[np.zeros(500), np.ones(30)]
    patients = np.r_[np.zeros(500, int), np.arange(1, 31)]
    assert patient_quantile(values, patients, 0.5) == 1
