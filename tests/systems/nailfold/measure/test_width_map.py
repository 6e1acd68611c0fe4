import cv2
import numpy as np
import pytest

from polyclinic.systems.nailfold.measure.width_map import (
    AROUND,
    FINER,
    MARGIN,
    TO_EDGE,
    WidthMap,
    to_edge,
)
from tests.systems.nailfold.measure.hairpins import Hairpin, at, placed


def on_the_whole_mask(widths, points):
    """Half widths by enlarging everything."""
    height, width = widths.soft.shape
    fine = cv2.resize(widths.soft, (width * FINER, height * FINER), interpolation=cv2.INTER_LINEAR)
    inside = (fine >= 0.5).astype(np.uint8)
    ridge = cv2.dilate(np.maximum(to_edge(inside) - TO_EDGE, 0) / FINER, AROUND)
    ridge = np.where(inside, ridge, np.float32(0))
    cells = np.round((points - [widths.left, widths.top] + 0.5) * FINER - 0.5).astype(int)
    columns, rows = cells.T
    on_map = (rows >= 0) & (columns >= 0) & (rows < ridge.shape[0]) & (columns < ridge.shape[1])
    found = np.zeros(len(points))
    found[on_map] = ridge[rows[on_map], columns[on_map]]
    return found


@pytest.mark.parametrize("width", [2, 5, 9, 26])
def test_a_few_points_as_all_of_them(width):
    rng = np.random.default_rng(width)
    loop = Hairpin(width, width + 3, apart=width + 12, limb=60)
    mask = placed(loop, at(70.3, 60.8, rng.uniform(0, 360)), (140, 140)).mask
    widths = WidthMap.of(mask.patch, mask.left, mask.top)
    height, wide = mask.shape
    reach = [mask.left - 9, mask.top - 9], [mask.left + wide + 9, mask.top + height + 9]
    points = rng.uniform(*reach, (400, 2))
    whole = on_the_whole_mask(widths, points)
    assert whole.max() > width / 3
    assert np.array_equal(widths.half_widths(points), whole)
    for _ in range(60):
        first = points[rng.integers(len(points))]
        some = first + rng.normal(0, 2, (rng.integers(1, 8), 2))
        assert np.array_equal(widths.half_widths(some), on_the_whole_mask(widths, some))


def test_a_guess_that_is_too_short_changes_nothing():
    full = np.zeros((90, 90), bool)
    full[20:70, 20:70] = True
    widths = WidthMap.of(full, 0, 0)
    guessed_short = WidthMap(widths.soft, widths.rough * 0, widths.left, widths.top)
    points = np.array([[44.6, 44.2], [45.0, 46.0]])
    assert np.array_equal(guessed_short.half_widths(points), widths.half_widths(points))


def test_the_way_out_ends_at_the_edge():
    full = np.zeros((60, 200), bool)
    full[20:40, 10:190] = True
    widths = WidthMap.of(full, 7, 5)
    start = np.array([47.0, 34.5])
    right = widths.way_out(start, np.array([1.0, 0.0]))
    assert right == pytest.approx([196.5, 34.5], abs=0.3)  # edges lie half a pixel outwards
    up = widths.way_out(start, np.array([0.0, -1.0]))
    assert up == pytest.approx([47.0, 24.5], abs=0.3)
    outside = np.array([2.0, 2.0])
    assert np.array_equal(widths.way_out(outside, np.array([-1.0, 0.0])), outside)


def test_points_beyond_the_map_have_no_width():
    widths = WidthMap.of(np.ones((6, 6), bool), 0, 0)
    beyond = np.array([[-MARGIN - 3.0, 2.0], [2.0, 200.0]])
    assert not widths.half_widths(beyond).any()


def lying_at(mask, offset):
    """A copy so many bytes beyond a multiple of 64."""
    memory = np.empty(mask.nbytes + 128, np.uint8)
    first = -memory.ctypes.data % 64 + offset
    copy = memory[first : first + mask.nbytes].reshape(mask.shape)
    copy[:] = mask
    return copy


def test_digits_do_not_depend_on_where_the_mask_lies_in_memory():
    rng = np.random.default_rng(0)
    for _ in range(40):
        soft = cv2.GaussianBlur(rng.random(rng.integers(20, 160, 2), np.float32), (0, 0), 6)
        mask = (soft >= np.median(soft)).astype(np.uint8)
        first = to_edge(lying_at(mask, 0))
        for offset in (1, 4, 16, 17, 20, 32, 44, 63):
            assert np.array_equal(to_edge(lying_at(mask, offset)), first)


def test_other_users_of_the_primitives_keep_them():
    before = cv2.ipp.useIPP()
    to_edge(np.ones((3, 3), np.uint8))
    assert cv2.ipp.useIPP() == before
