"""A residual at the depth at which the image was stored."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.data.depth import add_residual
from polyclinic.errors import DataError
from polyclinic.sample import GreyScale, Sample

SIZE = (3, 4)
shapes = st.sampled_from([SIZE, (*SIZE, 3)])
deep_values = st.sampled_from([4095, 4096, 65535]).flatmap(
    lambda top: shapes.flatmap(lambda shape: arrays(np.uint16, shape, elements=st.integers(0, top)))
)
colours = arrays(np.uint8, (*SIZE, 3))
residuals = arrays(np.float32, (*SIZE, 3), elements=st.floats(-2, 2, width=32))


def sample_of(pixels) -> Sample:
    if pixels.dtype == np.uint8:
        return Sample(image_id=1, size=SIZE, image=pixels)
    white = 4095 if pixels.max() <= 4095 else 65535
    return Sample(
        image_id=1,
        size=SIZE,
        image=np.zeros((*SIZE, 3), np.uint8),
        deep=pixels,
        grey=GreyScale(0, white),
        grey_stated=True,
    )


@given(pixels=deep_values | colours)
def test_no_change_gives_back_the_very_values(pixels):
    same = add_residual(sample_of(pixels), np.zeros((*SIZE, 3), np.float32))
    assert same.dtype == pixels.dtype
    assert (same == pixels).all()


@given(pixels=deep_values | colours, residual=residuals)
def test_it_is_the_sum_in_units_of_white_rounded_and_clipped(pixels, residual):
    found = add_residual(sample_of(pixels), residual)
    white = 255 if pixels.dtype == np.uint8 else 4095 if pixels.max() <= 4095 else 65535
    change = residual.astype(float)
    if pixels.ndim == 2:
        change = change.mean(2)
    exact = np.clip(pixels + change * white, 0, white)
    assert found.dtype == pixels.dtype
    assert found.shape == pixels.shape
    assert (np.abs(found - exact) <= 0.5 + 1e-6 * white).all()


def test_a_residual_of_another_size_is_refused():
    with pytest.raises(DataError, match=r"\(3, 4, 3\)"):
        add_residual(sample_of(np.zeros((*SIZE, 3), np.uint8)), np.zeros((4, 3, 3), np.float32))
