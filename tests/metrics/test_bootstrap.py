import numpy as np
import pytest

from polyclinic.metrics.bootstrap import by_patient, patient_interval
from tests.metrics.cases import case


def mean(values):
    return float(np.mean(values)) if values else None


def test_the_same_seed_gives_the_same_interval():
    groups = {str(i): [float(i), float(i + 1)] for i in range(12)}
    first = patient_interval(groups, mean, seed=3)
    assert first == patient_interval(groups, mean, seed=3)
    assert first != patient_interval(groups, mean, seed=4)
    assert first.lower < first.value < first.upper
    assert first.patients == 12


def test_patients_not_images_are_drawn():
    random = np.random.default_rng(0)
    level = random.normal(size=30)
    groups = {str(i): list(np.repeat(value, 50)) for i, value in enumerate(level)}
    interval = patient_interval(groups, mean)
    expected = 2 * 1.96 * level.std() / np.sqrt(30)  # 50 copies add no knowledge
    assert interval.upper - interval.lower == pytest.approx(expected, rel=0.15)


def test_covers_the_truth_about_as_often_as_it_says():
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(100):
        groups = {str(i): [random.normal()] for i in range(40)}
        interval = patient_interval(groups, mean, resamples=300)
        covered += interval.lower <= 0 <= interval.upper
    assert 86 <= covered <= 100


def test_one_patient_or_no_figure_has_no_interval():
    assert patient_interval({"a": [1.0, 2.0]}, mean).lower is None
    assert patient_interval({}, mean).value is None
    rare = {"a": ["x"], **{str(i): ["y"] for i in range(9)}}
    assert patient_interval(rare, lambda c: 1.0 if "x" in c else None).upper is None


def test_images_without_a_patient_are_patients():
    cases = [case((), (), 1, "a"), case((), (), 2, "a"), case((), (), 3)]
    groups = by_patient(cases, lambda one: one[0])
    assert sorted(len(group) for group in groups.values()) == [1, 2]
