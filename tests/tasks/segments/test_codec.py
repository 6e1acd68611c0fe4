import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.decoding.segments import find_region, stability
from polyclinic.geometry import Homography
from polyclinic.sample import Instance, Mask
from polyclinic.tasks.segments.codec import class_maps

SIZE = (60, 80)


def box_mask(top, left, height, width, size=SIZE):
    array = np.zeros(size, bool)
    array[top : top + height, left : left + width] = True
    return Mask.from_array(array)


def instance(mask, category=0):
    return Instance(box=np.array([0.0, 0, 9, 9]), category=category, mask=mask)


def test_masks_of_a_class_are_united_and_classes_may_overlap():
    disc, cup, more = box_mask(5, 5, 30, 30), box_mask(10, 10, 8, 8), box_mask(20, 20, 30, 40)
    maps, known = class_maps([instance(disc), instance(cup, 1), instance(more)], SIZE, 2)
    np.testing.assert_array_equal(maps[0] > 0, disc.array() | more.array())
    np.testing.assert_array_equal(maps[1] > 0, cup.array())
    assert known.all()


def test_looked_at_and_empty_is_known():
    maps, known = class_maps([], SIZE, 2)
    assert not maps.any()
    assert known.all()


@pytest.mark.parametrize(
    ("instances", "known"),
    [
        (None, [False, False]),
        ([instance(None, 0)], [False, True]),
        ([instance(box_mask(1, 1, 5, 5), None)], [False, False]),
    ],
)
def test_what_nobody_outlined_is_not_known(instances, known):
    assert class_maps(instances, SIZE, 2)[1].tolist() == known


def found(array, to_network=None, size=SIZE, *, parts="all", fill_holes=False):
    probabilities = np.asarray(array, np.float32)
    return find_region(
        probabilities, to_network or Homography.identity(), size, parts=parts, fill_holes=fill_holes
    )


@given(
    st.integers(0, 40), st.integers(0, 50), st.integers(4, 20), st.integers(4, 30), st.booleans()
)
def test_a_region_read_at_half_the_size_comes_back_to_its_place(top, left, height, width, halved):
    top, left, height, width = (2 * (value // 2) for value in (top, left, height, width))
    mask = box_mask(top, left, height, width)
    if not halved:
        assert (found(mask.array()).mask.array() == mask.array()).all()
        return
    small = mask.array()[::2, ::2]
    region = found(small, Homography.resize(SIZE, small.shape))
    np.testing.assert_array_equal(region.mask.box(), mask.box())
    # Linear interpolation takes the corner pixels.
    assert (region.mask.array() ^ mask.array()).sum() <= 4


def test_nothing_over_one_half_is_no_region():
    assert found(np.full(SIZE, 0.49)) is None


def test_the_largest_part_stays():
    large, small = box_mask(5, 5, 20, 20), box_mask(40, 50, 10, 10)
    both = large.array() | small.array()
    assert found(both).mask.area == 500
    region = found(both, parts="largest")
    np.testing.assert_array_equal(region.mask.array(), large.array())
    np.testing.assert_array_equal(region.mask.box(), large.box())


def test_parts_that_touch_at_a_corner_are_one():
    touching = box_mask(5, 5, 10, 10).array() | box_mask(15, 15, 5, 5).array()
    assert found(touching, parts="largest").mask.area == 125


def test_holes_are_filled_when_asked():
    ring = box_mask(5, 5, 30, 30).array() & ~box_mask(12, 12, 9, 9).array()
    assert found(ring).mask.area == 900 - 81
    assert found(ring, fill_holes=True).mask.area == 900


def test_stability_is_the_overlap_of_two_cuts():
    shares = np.full(SIZE, 0.1, np.float32)
    shares[10:30, 10:30] = 0.4
    shares[15:25, 15:25] = 0.9
    assert stability(shares) == 100 / 400
    assert found(shares).score == 100 / 400
    assert stability((shares > 0.5).astype(np.float32)) == 1
    assert stability(np.zeros(SIZE, np.float32)) == 0
