from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.systems.kidney.phantoms.paint import far_blur, paint_spots

SIDE = 96


def exact(places, peaks, width, side):
    at = np.arange(side)
    x, y = (places * side - 0.5).T
    across = np.exp(-((at[None] - x[:, None]) ** 2) / (2 * (width * side) ** 2))
    down = np.exp(-((at[None] - y[:, None]) ** 2) / (2 * (width * side) ** 2))
    return np.einsum("n,ny,nx->yx", peaks, down, across)


@given(st.integers(0, 2**32 - 1), st.floats(0.012, 0.05))
@settings(max_examples=30, deadline=None)
def test_spots_are_gaussians_where_they_were_put(seed, width):
    rng = np.random.default_rng(seed)
    places, peaks = rng.uniform(-0.1, 1.1, (5, 2)), rng.uniform(0.1, 1, 5)
    painted = paint_spots(places, peaks, width, SIDE)
    assert painted.shape == (SIDE, SIDE)
    assert painted.dtype == np.float32
    assert np.abs(painted - exact(places, peaks, width, SIDE)).max() < 0.06 * peaks.sum()


def test_a_spot_keeps_its_light_and_place():
    place = np.array([[0.4213, 0.5871]])
    painted = paint_spots(place, np.array([0.5]), 0.02, SIDE).astype(float)
    total = painted.sum()
    assert total == pytest.approx(0.5 * 2 * np.pi * (0.02 * SIDE) ** 2, rel=0.01)
    middle = [np.arange(SIDE) @ painted.sum(axis) / total for axis in (0, 1)]
    assert (np.array(middle) + 0.5) / SIDE == pytest.approx(place[0], abs=1e-3)


def test_nothing_is_painted_of_nothing():
    assert not paint_spots(np.zeros((0, 2)), np.zeros(0), 0.02, SIDE).any()


@pytest.mark.parametrize("side", [48, 1024])
def test_sizes_are_shares_of_the_side(side):
    place, peak = np.array([[0.5, 0.25]]), np.array([1.0])
    painted = paint_spots(place, peak, 0.03, side)
    assert painted.mean() == pytest.approx(2 * np.pi * 0.03**2, rel=0.02)


def test_far_blur_keeps_even_light_and_spreads_the_rest():
    assert np.allclose(far_blur(np.full((100, 100), 0.3, np.float32), 0.1), 0.3, atol=1e-5)
    plane = np.zeros((128, 128), np.float32)
    plane[64, 64] = 1
    spread = far_blur(plane, 0.08)
    assert spread.sum() == pytest.approx(1, rel=0.05)
    assert spread.max() < 0.01
