import numpy as np
import pytest

from polyclinic.metrics.bootstrap import effective_count, patient_draws, patient_rows
from tests.metrics.cases import case


def test_the_same_seed_draws_the_same_patients():
    patients = np.arange(24) // 2
    first, again, other = (
        np.concatenate(list(patient_draws(patients, 5, seed))) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    np.testing.assert_array_equal(first.sum(1), [24] * 5)
    np.testing.assert_array_equal(first[:, ::2], first[:, 1::2])


def test_images_without_a_patient_are_patients():
    samples = [case((), (), 1, "a")[0], case((), (), 2, "a")[0], case((), (), 3)[0]]
    rows = patient_rows(samples)
    assert rows[0] == rows[1] != rows[2]


def test_unequal_patients_are_worth_fewer():
    assert effective_count(np.arange(60) // 4) == 15
    assert effective_count(np.array([0, 1, 2, 2])) == pytest.approx(16 / 6)
    assert effective_count(np.array([0, 1, 1]), np.array([2.0, 1.0, 1.0])) == 2
