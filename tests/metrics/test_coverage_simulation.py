"""95 % intervals hold the truth in 95 % of repeated draws of patients, and only with patients."""

import pytest

from tests.metrics.simulation import conformal_coverage, frequent, interval_coverage, shifted

FAIR = pytest.approx(0.95, abs=0.02)
VISIBLY_TOO_LOW = 0.85


@pytest.mark.parametrize("kind", ["mean", "ratio"])
def test_patient_bootstrap_holds(kind):
    assert interval_coverage(kind, 30, sets=2000) == FAIR


@pytest.mark.parametrize("kind", ["mean", "ratio"])
def test_image_bootstrap_does_not_hold(kind):
    assert interval_coverage(kind, 30, sets=800, draws=400, by_patient=False) < VISIBLY_TOO_LOW


def test_conformal_bounds_hold_for_a_new_patient():
    assert conformal_coverage(shifted, 59, sets=2500) == FAIR


def test_conformal_bounds_over_images_do_not():
    assert conformal_coverage(frequent, 59, sets=2500) == FAIR
    assert conformal_coverage(frequent, 59, sets=2500, by_patient=False) < VISIBLY_TOO_LOW


@pytest.mark.slow
@pytest.mark.parametrize("patients", [15, 30, 60])
@pytest.mark.parametrize("kind", ["mean", "ratio", "mean of errors"])
def test_patient_bootstrap_holds_precisely(kind, patients):
    assert interval_coverage(kind, patients, sets=8000) == FAIR


@pytest.mark.slow
@pytest.mark.parametrize("patients", [15, 30, 60])
def test_patient_bootstrap_of_a_median_holds(patients):
    assert interval_coverage("median", patients, sets=2000, draws=400) == FAIR


@pytest.mark.slow
@pytest.mark.parametrize("patients", [15, 30, 60])
def test_image_bootstrap_never_holds(patients):
    for kind in ("mean", "ratio", "mean of errors"):
        found = interval_coverage(kind, patients, sets=2000, draws=400, by_patient=False)
        assert found < VISIBLY_TOO_LOW
    found = interval_coverage("median", patients, sets=400, draws=400, by_patient=False)
    assert found < VISIBLY_TOO_LOW


@pytest.mark.slow
def test_much_skewed_values_of_few_patients_are_not_held_often_enough():
    """A known limit: 15 patients show too little of a long tail (squares of normal values)."""
    few, many = (interval_coverage("mean of squares", n, sets=8000) for n in (15, 60))
    assert 0.87 < few < 0.93
    assert few < many < 0.95


@pytest.mark.parametrize("draw", [shifted, frequent])
def test_conformal_bounds_of_few_patients_hold_no_more_than_they_promise(draw):
    """The weighted quantile of all values holds 98 to 99 % here."""
    assert conformal_coverage(draw, 20, sets=2500) == FAIR


@pytest.mark.slow
@pytest.mark.parametrize("patients", [19, 20, 39, 59, 99])
@pytest.mark.parametrize("draw", [shifted, frequent])
def test_conformal_bounds_hold_precisely(draw, patients):
    """Two values of each of 19 patients are few, and a bound is the next larger one of them."""
    most = 0.98 if patients == 19 else 0.965
    assert 0.94 < conformal_coverage(draw, patients, sets=4000) < most
