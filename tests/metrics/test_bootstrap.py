import numpy as np
import pytest

from polyclinic.metrics.bootstrap import effective_count, patient_intervals, patient_rows
from polyclinic.metrics.pooled import mean_figure, ratio_figure
from tests.metrics.cases import case


def mean_of(values):
    return mean_figure("mean", values, np.arange(len(values)), len(values)).weighted


def test_the_same_seed_gives_the_same_interval():
    values, patients = np.arange(24.0), np.arange(24) // 2
    first = patient_intervals([mean_of(values)], patients, seed=3)[0]
    assert first == patient_intervals([mean_of(values)], patients, seed=3)[0]
    assert first != patient_intervals([mean_of(values)], patients, seed=4)[0]
    assert first.lower < values.mean() < first.upper
    assert first.patients == 12


def test_patients_not_images_are_drawn():
    random = np.random.default_rng(0)
    level = random.normal(size=30)
    values, patients = np.repeat(level, 50), np.repeat(np.arange(30), 50)
    interval = patient_intervals([mean_of(values)], patients)[0]
    expected = 2 * 2.045 * level.std(ddof=1) / np.sqrt(30)  # 50 copies add no knowledge
    assert interval.upper - interval.lower == pytest.approx(expected, rel=0.1)


def test_figures_share_their_draws():
    values, patients = np.random.default_rng(1).normal(size=40), np.arange(40) // 4
    figure = mean_of(values)
    difference = patient_intervals([lambda w: figure(w) - figure(w)], patients)[0]
    assert (difference.lower, difference.upper) == (0, 0)


def test_a_subgroup_draws_its_own_patients_only():
    values, patients = np.arange(40.0), np.arange(40) // 2
    member = np.arange(40) < 20
    part = patient_intervals([mean_of(values)], patients, member=member)[0]
    alone = patient_intervals([mean_of(values[:20])], patients[:20])[0]
    assert (part.lower, part.upper, part.patients) == (alone.lower, alone.upper, 10)


def test_one_patient_or_a_rare_figure_has_no_interval():
    rare = ratio_figure("rare", np.eye(10)[0], np.eye(10)[0]).weighted
    assert patient_intervals([rare], np.zeros(10, int))[0].lower is None
    assert patient_intervals([rare], np.arange(10))[0].upper is None


def test_images_without_a_patient_are_patients():
    samples = [case((), (), 1, "a")[0], case((), (), 2, "a")[0], case((), (), 3)[0]]
    rows = patient_rows(samples)
    assert rows[0] == rows[1] != rows[2]


def test_unequal_patients_are_worth_fewer():
    assert effective_count(np.arange(60) // 4) == 15
    assert effective_count(np.array([0, 1, 2, 2])) == pytest.approx(16 / 6)
    values = np.random.default_rng(2).normal(size=1002)
    lonely = np.r_[np.zeros(1000, int), 1, 2]
    interval = patient_intervals([mean_of(values)], lonely)[0]
    assert interval.lower < values.mean() < interval.upper
    assert interval.patients == 3
