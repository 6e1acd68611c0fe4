import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import cut_out


def cut(size, share, seed=0):
    image = np.full((*size, 3), 200, np.uint8)
    result = cut_out(image, share, np.random.default_rng(seed))
    assert (image == 200).all(), "the image given is not written to"
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    return result == 0


@settings(max_examples=200, deadline=None)
@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.floats(0, 1), st.integers(0, 2**31))
def test_one_black_square_of_the_side_asked_for_inside_the_image(size, share, seed):
    black = cut(size, share, seed)
    side = int(share * min(size))
    assert black.sum() in (0, 3 * side**2)
    if black.any():
        rows, columns = (np.flatnonzero(black.any((axis, 2))) for axis in (1, 0))
        assert len(rows) == len(columns) == side
        assert np.ptp(rows) == np.ptp(columns) == side - 1


@pytest.mark.parametrize(("share", "side"), [(0.05, 22), (0.10, 45), (0.25, 112)])
def test_the_sides_of_kneel_at_450_pixels(share, side):
    sides = {int(cut((450, 450), share, seed).any((1, 2)).sum()) for seed in range(20)}
    assert sides == {0, side}


def test_half_of_the_views_are_cut_at_every_place():
    results = np.array([cut((20, 30), 0.25, seed)[..., 0] for seed in range(2000)])
    assert results.any((1, 2)).mean() == pytest.approx(0.5, abs=0.04)
    seen = results.any(0)
    assert seen.all(), "each pixel is hidden at times"


def test_nothing_is_cut_by_default():
    assert not any(cut((20, 30), 0.0, seed).any() for seed in range(20))
