"""Intervals over patients: known answers at the edges, and what must stay true."""

import numpy as np
import pytest
from scipy.stats import beta, t

from polyclinic.metrics.figure import Figure
from polyclinic.metrics.jackknife import difference_intervals, patient_intervals, patient_metrics
from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure


def mean_of(values, **known):
    return mean_figure("mean", values, np.arange(len(values)), len(values), **known)


def one(figure, patients, **known):
    (found,) = patient_intervals([figure], patients, **known)
    return found


def test_all_right_of_seven_patients_is_seven_of_seven():
    found = one(mean_of(np.ones(28), better="higher"), np.repeat(np.arange(7), 4))
    assert found.lower == pytest.approx(beta.ppf(0.025, 7, 1))  # .590
    assert found.upper == 1
    assert "exact" in found.method


def test_none_of_many_images_is_none_of_as_many_patients_as_they_are_worth():
    patients = np.r_[np.arange(36), np.repeat(np.arange(36, 52), 3), [52] * 4]
    found = one(mean_of(np.zeros(88), better="lower"), patients)
    effective = 88**2 / (36 + 16 * 9 + 16)
    assert found.lower == 0
    assert found.upper == pytest.approx(beta.ppf(0.975, 1, effective))
    assert found.upper > beta.ppf(0.975, 1, 88)


def test_independent_answers_have_about_the_exact_limits():
    values = np.arange(400) % 4 > 0
    found = one(mean_of(values, better="higher"), np.arange(400))
    assert found.lower == pytest.approx(beta.ppf(0.025, 300, 101), abs=0.004)
    assert found.upper == pytest.approx(beta.ppf(0.975, 301, 100), abs=0.004)


def test_copies_of_images_add_no_knowledge():
    level = np.random.default_rng(0).normal(size=30)
    patients = np.repeat(np.arange(30), 50)
    figure = mean_of(np.repeat(level, 50), better="zero")
    found = one(figure, patients)
    plain = 2 * t.ppf(0.975, 29) * level.std(ddof=1) / np.sqrt(30)
    assert found.upper - found.lower == pytest.approx(plain, rel=0.05)


def test_a_subgroup_knows_its_own_patients_only():
    values, patients = np.arange(40.0), np.arange(40) // 2
    member = np.arange(40) < 20
    part = one(mean_of(values, unit="px"), patients, member=member)
    assert part == one(mean_of(values[:20], unit="px"), patients[:20])
    assert part.patients == 10


def test_many_patients_are_left_out_in_groups():
    values = np.random.default_rng(1).gamma(2, size=3000)
    found = one(mean_of(values, unit="px", better="lower"), np.arange(3000))
    error = values.std(ddof=1) / np.sqrt(3000)
    assert found.upper - found.lower == pytest.approx(2 * 1.97 * error, rel=0.1)


@pytest.mark.parametrize(
    ("figure", "patients", "why"),
    [
        (mean_of(np.arange(9.0)), np.zeros(9, int), "one patient"),
        (ratio_figure("rare", np.eye(9)[0], np.eye(9)[0]), np.arange(9), "rests on one patient"),
        (mean_of(np.full(9, 2.0), unit="px"), np.arange(9), "whichever patient"),
        (quantile_figure("p95", np.arange(60.0), np.arange(60), 60, share=0.95), None, "72 pati"),
    ],
)
def test_where_no_method_holds_it_says_why(figure, patients, why):
    patients = np.arange(60) // 2 if patients is None else patients
    (metric,) = patient_metrics([figure], patients)
    assert metric.lower is metric.upper is None
    assert metric.value is not None
    assert why in metric.note
    assert metric.method == ""


def test_a_median_lies_between_order_statistics():
    values = np.random.default_rng(2).gamma(2, size=99)
    found = one(quantile_figure("median", values, np.arange(99), 99), np.arange(99))
    ranked = np.sort(values)
    assert ranked[37] < found.lower < ranked[42]  # 39.5 of the exact order statistics
    assert ranked[56] < found.upper < ranked[61]


def test_a_correlation_stays_within_its_range():
    weighted = lambda w: 1 - 0.02 / w.sum(1)  # noqa: E731
    found = one(Figure(name="r", weighted=weighted, scale="correlation"), np.arange(5))
    assert weighted(np.ones((1, 5)))[0] < 1
    assert found.upper is None or found.upper <= 1


def test_one_patient_with_most_images_makes_it_wide():
    values = np.random.default_rng(2).normal(size=1002)
    found = one(mean_of(values, better="zero"), np.r_[np.zeros(1000, int), 1, 2])
    assert found.lower < values.mean() < found.upper
    assert found.patients == 3


def test_differences_are_narrower_than_what_they_are_made_of():
    random = np.random.default_rng(3)
    shared, patients = random.normal(10, 2, 60), np.arange(60) // 2
    first, second = (mean_of(shared + random.normal(0, 0.2, 60), unit="px") for _ in range(2))
    (apart,) = difference_intervals([(first, second)], patients)
    alone = one(first, patients)
    assert apart.upper - apart.lower < 0.3 * (alone.upper - alone.lower)
    value = second.value(np.ones(60)) - first.value(np.ones(60))
    assert apart.lower < value < apart.upper


def test_two_readers_that_are_always_right_may_still_differ():
    patients = np.repeat(np.arange(7), 4)
    right = mean_of(np.ones(28), better="higher")
    (found,) = difference_intervals([(right, right)], patients)
    edge = 1 - beta.ppf(0.025, 7, 1)
    assert (found.lower, found.upper) == pytest.approx((-edge, edge))


def test_a_difference_of_what_has_no_interval_has_none():
    slow = quantile_figure("p95", np.arange(60.0), np.arange(60), 60, share=0.95, unit="px")
    (found,) = difference_intervals([(slow, slow)], np.arange(60) // 2)
    assert found.lower is None
    assert "72 patients" in found.why


def test_biases_are_compared_by_size():
    random = np.random.default_rng(4)
    low, high = (mean_of(random.normal(at, 1, 80), better="zero") for at in (-3, 1))
    (found,) = difference_intervals([(low, high)], np.arange(80) // 2)
    assert found.lower < -2 < found.upper < 0
