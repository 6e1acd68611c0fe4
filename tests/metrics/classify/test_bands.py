import numpy as np
import pytest

from polyclinic.metrics.classify.bands import pr_band, reliability_band, roc_band
from polyclinic.metrics.classify.curves import pr_points, roc_points
from polyclinic.metrics.figure import Figure
from polyclinic.metrics.jackknife import patient_intervals


def drawn(patients=60, images=3, seed=0):
    random = np.random.default_rng(seed)
    patient = np.repeat(np.arange(patients), images)
    positive = np.repeat(random.random(patients) < 0.4, images)
    shift = np.repeat(random.normal(size=patients), images)
    score = random.normal(positive + shift / 2)
    return 1 / (1 + np.exp(-score)), positive, patient


@pytest.mark.parametrize("band_of", [roc_band, pr_band])
def test_the_curve_of_all_patients_lies_in_its_band(band_of):
    scores, positive, patient = drawn()
    band = band_of(scores, positive, patient)
    if band_of is roc_band:
        curve = roc_points(scores, positive)
        height = np.interp(band.grid, curve.x, curve.y)
    else:
        curve = pr_points(scores, positive)
        height = curve.y[1:][np.searchsorted(curve.x[1:], band.grid)]
    middle = (band.grid > 0.05) & (band.grid < 0.95)
    assert (band.lower <= height + 1e-9)[middle].all()
    assert (height <= band.upper + 1e-9)[middle].all()


def test_a_place_of_the_roc_band_is_the_interval_of_that_operating_point():
    scores, positive, patient = drawn()
    band = roc_band(scores, positive, patient)
    point = Figure(
        name="",
        weighted=lambda weights: np.array([_best_at_80(scores, positive, w) for w in weights]),
        better="higher",
        kinds=np.stack([positive, ~positive]).astype(float),
    )
    (interval,) = patient_intervals([point], patient)
    # the band follows straight lines between thresholds, the figure the threshold before
    assert band.lower[20] == pytest.approx(interval.lower, abs=0.03)
    assert band.upper[20] == pytest.approx(interval.upper, abs=0.03)


def _best_at_80(scores, positive, weights):
    curve = roc_points(scores, positive, weights)
    return curve.y[curve.x <= 0.2 + 1e-9].max() if curve.exists else np.nan


def test_copies_of_an_image_do_not_narrow_the_band_of_its_patient():
    scores, positive, patient = (np.repeat(one, 3) for one in drawn(images=1))
    by_patient = roc_band(scores, positive, patient)
    by_image = roc_band(scores, positive, np.arange(len(patient)))
    width = [np.nanmean(one.upper - one.lower) for one in (by_patient, by_image)]
    assert width[0] > 1.4 * width[1]


def test_the_frequency_in_a_full_bin_lies_in_its_band_and_an_empty_bin_has_none():
    scores, positive, patient = drawn()
    scores = np.where(scores > 0.9, 0.85, scores)
    band = reliability_band(scores, positive, patient, bins=10)
    assert np.isnan([band.lower[9], band.upper[9]]).all()
    inside = (scores > 0.4) & (scores <= 0.5)
    assert band.lower[4] <= positive[inside].mean() <= band.upper[4]
    np.testing.assert_allclose(band.grid, np.arange(0.05, 1, 0.1))


@pytest.mark.parametrize("band_of", [roc_band, pr_band, reliability_band])
def test_one_patient_has_no_band(band_of):
    band = band_of(np.array([0.2, 0.8]), np.array([False, True]), np.zeros(2, int))
    assert np.isnan(band.lower).all()
    nobody = band_of(np.zeros(0), np.zeros(0, bool), np.zeros(0, int))
    assert np.isnan(nobody.upper).all()


def test_one_class_has_no_band():
    band = roc_band(np.array([0.2, 0.8]), np.array([True, True]), np.arange(2))
    assert np.isnan(band.lower).all()


def test_the_same_patients_have_the_same_band():
    first, second = (pr_band(*drawn()) for _ in range(2))
    np.testing.assert_array_equal(first.lower, second.lower)
