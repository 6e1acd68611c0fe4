import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage import morphology
from skimage.draw import ellipse_perimeter

from polyclinic.systems.nailfold.measure.thinning import thin

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24), elements=st.booleans())


@given(masks)
def test_the_pixels_of_another_library(mask):
    assert np.array_equal(thin(mask), morphology.thin(mask))


@pytest.mark.parametrize("width", [1, 4, 9])
def test_thick_loops(width):
    ring = np.zeros((90, 70), bool)
    ring[ellipse_perimeter(44, 35, 30, 20)] = True
    thick = morphology.dilation(ring, morphology.disk(width))
    assert np.array_equal(thin(thick), morphology.thin(thick))
    assert not np.array_equal(thin(thick), thick)
