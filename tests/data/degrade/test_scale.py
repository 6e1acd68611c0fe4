import numpy as np
import pytest

from polyclinic.data.degrade.effects import on_unit_scale
from tests.data.degrade.pictures import textured


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 1), (4, 5, 3)])
def test_there_and_back_are_the_same_pixels(dtype, shape):
    pixels = np.random.default_rng(0).integers(0, np.iinfo(dtype).max, shape, dtype, endpoint=True)
    before = pixels.copy()
    same = on_unit_scale(pixels, lambda one: one)
    assert same.dtype == dtype
    assert np.array_equal(same, before)


def test_equal_channels_stay_equal():
    grey = np.repeat(textured(channels=1), 3, 2)
    rng = np.random.default_rng(1)
    noisy = on_unit_scale(grey, lambda one: one + 0.1 * rng.standard_normal(one.shape, np.float32))
    assert (noisy == noisy[..., :1]).all()
    assert not np.array_equal(noisy, grey)


def test_what_leaves_the_scale_is_clipped():
    pixels = textured()
    assert (on_unit_scale(pixels, lambda one: one + 2) == 255).all()
    assert (on_unit_scale(pixels, lambda one: one - 2) == 0).all()
