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


@pytest.mark.slow
@pytest.mark.parametrize("patients", [39, 59, 99])
@pytest.mark.parametrize("draw", [shifted, frequent])
def test_conformal_bounds_hold_precisely(draw, patients):
    assert conformal_coverage(draw, patients, sets=20_000) == FAIR


@pytest.mark.slow
def test_conformal_bounds_of_few_patients_hold_more_than_they_promise():
    """With 19 patients the bound is the largest error of all of them."""
    assert 0.95 < conformal_coverage(shifted, 19, sets=20_000) < 0.995
