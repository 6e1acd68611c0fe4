import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import euler_number as of_another_library

from polyclinic.systems.nailfold.measure.thinning import euler_number, from_bits, to_bits

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=20), elements=st.booleans())


@given(masks)
def test_there_and_back(mask):
    bits, _ = to_bits(mask)
    assert bits.bit_count() == mask.sum()
    assert np.array_equal(from_bits(bits, mask.shape), mask)


@given(masks)
def test_parts_less_holes(mask):
    assert euler_number(*to_bits(mask)) == of_another_library(mask, connectivity=2)
