import pickle
from copy import deepcopy

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as hnp

from polyclinic.errors import DataError
from polyclinic.sample import Mask

arrays = hnp.arrays(bool, (9, 13))


@given(arrays)
def test_a_mask_holds_what_it_was_made_of(array):
    for mask in (Mask.from_array(array), Mask(array, 0, 0, array.shape)):
        for same in (mask, pickle.loads(pickle.dumps(mask)), deepcopy(mask)):
            assert (same.array() == array).all()
            assert same.patch.shape == same.shape
            assert same.area == array.sum()
            np.testing.assert_array_equal(same.box(), Mask.from_array(array).box())


@given(arrays, arrays)
def test_what_two_masks_share(first, second):
    one, other = Mask.from_array(first), Mask.from_array(second)
    assert one.intersection(other) == (first & second).sum()
    union = (first | second).sum()
    assert one.iou(other) == pytest.approx((first & second).sum() / union if union else 0)


def test_changing_the_patch_does_not_change_the_mask():
    mask = Mask(np.ones((2, 3), bool), 1, 1, (5, 5))
    mask.patch[:] = False
    assert mask.area == 6


@pytest.mark.parametrize(
    ("patch", "left"), [(np.ones((2, 3)), 0), (np.ones(3, bool), 0), (np.ones((2, 3), bool), 3)]
)
def test_patches_that_do_not_fit_are_refused(patch, left):
    with pytest.raises(DataError, match="mask patch"):
        Mask(patch, left, 0, (5, 5))
