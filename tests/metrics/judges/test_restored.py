import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.judges.restored import figures
from polyclinic.reading import Reading
from polyclinic.reading.fidelity import Fidelity
from polyclinic.sample import Sample

INF = float("inf")


def case(number, fidelity=None, **reading):
    if fidelity is not None:
        psnr, before, ssim, ssim_before = fidelity
        reading["fidelity"] = Fidelity(
            psnr=psnr, input_psnr=before, ssim=ssim, input_ssim=ssim_before
        )
    sample = Sample(image_id=number, size=(4, 4))
    return sample, Reading(image_id=number, size=(4, 4), **reading)


def named(cases):
    ones = np.ones(len(cases))
    return {one.name: one.metric(ones, None, None) for one in figures(cases, 0.5)}


def test_figures_by_hand():
    found = named([case(0, (24, 20, 0.8, 0.6)), case(1, (19, 20, 0.5, 0.6)), case(2)])
    assert {name: one.value for name, one in found.items()} == pytest.approx(
        {
            "restored_psnr_gain": 1.5,
            "restored_psnr": 21.5,
            "restored_ssim": 0.65,
            "restored_worse": 0.5,
        }
    )
    assert (found["restored_psnr"].baseline, found["restored_ssim"].baseline) == (20, 0.6)
    assert {one.group for one in found.values()} == {"restoration"}
    assert {one.cases for one in found.values()} == {2}
    assert found["restored_psnr"].unit == found["restored_psnr_gain"].unit == "dB"


def test_sharp_images_are_left_out_of_means_and_counted():
    finite = [case(0, (24, 20, 0.8, 0.6))]
    sharp = [case(1, (INF, INF, 1.0, 1.0)), case(2, (30, INF, 0.9, 1.0))]
    exact = [case(3, (INF, 20, 1.0, 0.6))]
    found = named(finite + sharp + exact)
    assert (found["restored_psnr_gain"].value, found["restored_psnr"].value) == (4, 24)
    assert found["restored_psnr"].baseline == 20
    assert found["restored_psnr"].cases == 1
    note = found["restored_psnr"].note
    assert "2 images that were sharp as read, 1 of them stayed untouched" in note
    assert "1 image restored exactly" in note
    assert found["restored_worse"].value == 0.25
    assert found["restored_ssim"].value == pytest.approx(np.mean([0.8, 1, 0.9, 1]))


def test_sharp_images_alone_have_no_mean():
    found = named([case(0, (INF, INF, 1.0, 1.0))])
    assert found["restored_psnr"].value is None
    assert found["restored_worse"].value == 0


def test_small_images_have_no_ssim():
    found = named([case(0, (24, 20, float("nan"), float("nan"))), case(1, (24, 20, 0.8, 0.6))])
    assert (found["restored_ssim"].value, found["restored_ssim"].baseline) == (0.8, 0.6)
    assert found["restored_ssim"].cases == 1


def test_nothing_restored_or_no_partner_gives_nothing():
    assert figures([], 0.5) == []
    assert figures([case(0), case(1, error="no image")], 0.5) == []


decibels = st.floats(5, 60) | st.just(INF)
shares = st.floats(-1, 1)
rows = st.tuples(st.none() | st.tuples(decibels, decibels, shares, shares), st.integers(0, 3))


@given(st.lists(rows, max_size=8))
def test_a_whole_weight_is_that_many_copies(drawn):
    cases = [case(number, one) for number, (one, _) in enumerate(drawn)]
    weights = np.array([weight for _, weight in drawn], float)
    copies = [one for one, w in zip(cases, weights, strict=True) for _ in range(int(w))]
    expected = named(copies)
    for figure in figures(cases, 0.5):
        metric = figure.metric(weights, None, None)
        if figure.name not in expected:
            assert metric.value is None
            continue
        other = expected[figure.name]
        assert metric.value == pytest.approx(other.value, nan_ok=True)
        assert metric.baseline == pytest.approx(other.baseline, nan_ok=True)
        assert metric.cases == other.cases
