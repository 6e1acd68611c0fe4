from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.systems.kidney.phantoms.deposit import (
    MESANGIUM,
    deposits,
    far_blur,
    granular,
    linear,
    mesangial,
    paint_spots,
)
from polyclinic.systems.kidney.phantoms.tuft import draw_tuft
from tests.systems.kidney.phantoms.walls import along_loops, away_from_centre, painted

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


SEEDS = range(8)


def gaps(tuft, plane):
    """(L,) share of each loop that is darker than half of its brightest places."""
    light = along_loops(tuft, plane)
    return np.mean(light < 0.5 * np.quantile(light, 0.95, axis=1, keepdims=True), axis=1)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_linear_deposit_has_no_gaps(seed):
    light = along_loops(*painted("linear", seed))
    assert light.min() > 0.2
    assert (light.min(1) > 0.5 * np.quantile(light, 0.2, axis=1)).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_a_granular_deposit_has_gaps_in_every_loop(seed):
    tuft, plane = painted("granular", seed)
    share = gaps(tuft, plane)
    assert share.min() > 0.2
    assert 0.35 < share.mean() < 0.75


@pytest.mark.parametrize("seed", SEEDS)
def test_deposits_of_loops_lie_on_the_walls(seed):
    for pattern in ("linear", "granular"):
        tuft, plane = painted(pattern, seed)
        rng = np.random.default_rng(seed)
        for spots in deposits(tuft, pattern, rng):
            from_centres = np.linalg.norm(spots.places[:, None] - tuft.loops, axis=2)
            nearest = np.min(np.abs(from_centres / tuft.radii - 1), axis=1)
            assert nearest.max() < 0.42 + 0.35  # the wall, and a granule beside it
        assert along_loops(tuft, plane).mean() > 3 * plane[away_from_centre() < 1].mean() / 2


@pytest.mark.parametrize("seed", SEEDS)
def test_clumps_lie_in_the_mesangium(seed):
    tuft, plane = painted("mesangial", seed)
    for spots in mesangial(tuft, 1.0, np.random.default_rng(seed)):
        assert np.linalg.norm(spots.places, axis=1).max() <= MESANGIUM + 1e-9
    inside = away_from_centre() < MESANGIUM + 0.1
    assert plane[inside].sum() > 0.97 * plane.sum()


@pytest.mark.parametrize("seed", SEEDS)
def test_lupus_has_both(seed):
    rng = np.random.default_rng(seed)
    tuft = draw_tuft(rng)
    *clumps, granules = deposits(tuft, "mixed", rng)
    assert sum(len(one.places) for one in clumps) >= 7 * len(tuft.lobules)
    assert len(granules.places) >= 4 * len(tuft.loops)
    assert granules.peaks.min() > 0
    assert min(one.peaks.min() for one in clumps) > 0


def test_strength_is_a_factor():
    tuft = draw_tuft(np.random.default_rng(0))
    for draw in (linear, granular):
        one, half = (draw(tuft, share, np.random.default_rng(1)) for share in (1.0, 0.5))
        assert np.allclose(half.peaks, 0.5 * one.peaks)
        assert np.array_equal(half.places, one.places)
