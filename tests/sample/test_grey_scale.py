"""Black and white of pixels of any type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.errors import DataError
from polyclinic.sample.grey_scale import BYTE, GreyScale, tails, usual_scale

KINDS = (np.uint8, np.uint16, np.int16, np.uint32, np.int32)
values = st.sampled_from(KINDS).flatmap(lambda kind: arrays(kind, (70, 3)))


@given(values, st.integers(-500, 500), st.integers(1, 70_000))
def test_shown_values_are_shares_of_255(pixels, black, span):
    scale = GreyScale(black, black + span)
    exact = (pixels.astype(float) - black) / span
    np.testing.assert_allclose(scale.to_unit(pixels), exact, rtol=1e-6, atol=1e-6)
    shown = scale.to_rgb8(pixels)
    assert shown.shape == (70, 3, 3)
    assert np.abs(shown[..., 0] - exact.clip(0, 1) * 255).max() <= 0.5 + 1e-9


def test_bytes_stay():
    pixels = np.arange(256, dtype=np.uint8).reshape(16, 16)
    assert (BYTE.to_rgb8(pixels)[..., 1] == pixels).all()


@pytest.mark.parametrize(("black", "white"), [(1, 1), (2, 1), (0, np.nan), (-np.inf, 0)])
def test_no_range_is_refused(black, white):
    with pytest.raises(DataError, match="grey scale"):
        GreyScale(black, white)


def test_a_scale_comes_back_from_json():
    assert GreyScale.from_json(GreyScale(3, 4.5).to_json()) == GreyScale(3, 4.5)


@pytest.mark.parametrize(
    ("top", "kind", "black", "white"),
    [
        (4000, np.uint16, 0, 4095),
        (4095, np.uint16, 0, 4095),
        (16_000, np.uint16, 0, 16_383),
        (60_000, np.uint16, 0, 65_535),
        (4e9, np.uint32, 0, 2**32 - 1),
        (1.0, np.float32, 0, 1),
        (250.0, np.float32, 0, 256),
    ],
)
def test_fixed_steps_without_a_cohort(top, kind, black, white):
    ramp = np.linspace(0, top, 5000).astype(kind).reshape(50, 100)
    assert usual_scale(ramp) == GreyScale(black, white)


@pytest.mark.parametrize(
    ("kind", "white"), [(np.int16, 32_767), (np.int32, 2**31 - 1), (np.float32, 4.0)]
)
def test_negative_values_lie_below_the_middle(kind, white):
    ramp = np.linspace(-0.9 * white, 0.9 * white, 5000).astype(kind).reshape(50, 100)
    scale = usual_scale(ramp)
    assert scale.white == white
    assert scale.to_unit(np.zeros(1, kind))[0] == pytest.approx(0.5, abs=1e-4)


@pytest.mark.parametrize(
    ("top", "kind", "outlier"),
    [(4000, np.uint16, 5000), (4095, np.uint16, 4096), (1.0, np.float32, 1.0005)],
)
def test_one_pixel_changes_no_other(top, kind, outlier):
    ramp = np.linspace(0, top, 240).astype(kind).reshape(12, 20)
    changed = ramp.copy()
    changed[3, 4] = outlier
    before, after = (usual_scale(one).to_rgb8(one) for one in (ramp, changed))
    others = np.ones(ramp.shape, bool)
    others[3, 4] = False
    assert (before[others] == after[others]).all()
    assert len(np.unique(after)) > 200


@given(arrays(np.float32, (20, 30), elements=st.floats(-9, 9, width=32)))
def test_a_pixel_lies_beyond_either_tail(pixels):
    low, high = tails(pixels)
    some = np.sort(pixels.ravel())
    assert (low, high) == (some[1], some[-2])
