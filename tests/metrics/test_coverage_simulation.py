"""Conformal bounds hold the truth of 95 % of new patients, and only with patients."""

import pytest

from tests.metrics.simulation import conformal_coverage, frequent, shifted

FAIR = pytest.approx(0.95, abs=0.02)
VISIBLY_TOO_LOW = 0.85


def test_conformal_bounds_hold_for_a_new_patient():
    assert conformal_coverage(shifted, 59, sets=2500) == FAIR


def test_conformal_bounds_over_images_do_not():
    assert conformal_coverage(frequent, 59, sets=2500) == FAIR
    assert conformal_coverage(frequent, 59, sets=2500, by_patient=False) < VISIBLY_TOO_LOW


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
