import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from skimage.measure import euler_number, label
from skimage.morphology import remove_small_holes

from polyclinic.systems.nailfold.measure.centreline import PINHOLE, largest_part

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=16), elements=st.booleans())


@given(masks.filter(np.any))
def test_largest_part_and_holes_are_those_of_another_library(mask):
    vessel, has_hole = largest_part(mask)
    parts = label(mask, connectivity=2)
    sizes = np.bincount(parts[parts > 0])
    rivals = [
        remove_small_holes(parts == one, max_size=PINHOLE)
        for one in np.flatnonzero(sizes == sizes.max())
    ]
    assert any(np.array_equal(vessel, one) for one in rivals)
    assert has_hole == (euler_number(vessel, connectivity=2) < 1)
