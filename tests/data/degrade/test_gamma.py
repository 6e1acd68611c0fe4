import numpy as np
import pytest
from skimage.exposure import adjust_gamma

from polyclinic.data.degrade import bend
from tests.data.degrade.pictures import textured

IMAGE = textured()


@pytest.mark.parametrize("log2_gamma", [-1.0, -0.3, 0.25, 1.0])
def test_it_is_that_of_scikit_image(log2_gamma):
    other = adjust_gamma(IMAGE, 2.0**log2_gamma).astype(int)
    assert np.abs(bend(IMAGE, log2_gamma) - other).max() <= 1  # they round down


def test_nothing_and_both_ways():
    assert np.array_equal(bend(IMAGE, 0.0), IMAGE)
    assert bend(IMAGE, 0.5).mean() < IMAGE.mean() < bend(IMAGE, -0.5).mean()
