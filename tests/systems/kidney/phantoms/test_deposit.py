from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.kidney.phantoms.deposit import (
    MESANGIUM,
    deposits,
    granular,
    linear,
    mesangial,
)
from polyclinic.systems.kidney.phantoms.tuft import draw_tuft
from tests.systems.kidney.phantoms.walls import along_loops, away_from_centre, painted

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
