from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.kidney.phantoms.tuft import draw_tuft
from tests.systems.kidney.phantoms.walls import TURNS


@pytest.fixture(scope="module")
def tufts():
    return [draw_tuft(np.random.default_rng(seed)) for seed in range(60)]


def test_a_tuft_has_some_lobules_of_several_loops(tufts):
    assert {len(one.lobules) for one in tufts} == {4, 5, 6}
    for one in tufts:
        assert 12 <= len(one.loops) <= 6 * 4 + 4


def test_walls_stay_inside_the_tuft(tufts):
    for one in tufts:
        loop = np.repeat(np.arange(len(one.radii)), TURNS)
        turn = np.tile(np.arange(TURNS) * 2 * np.pi / TURNS, len(one.radii))
        away = np.linalg.norm(one.wall(loop, turn), axis=1)
        assert away.max() < 1.12
        assert np.quantile(away, 0.99) < 1.02


def test_loops_hardly_overlap(tufts):
    for one in tufts:
        between = np.linalg.norm(one.loops[:, None] - one.loops, axis=2)
        share = between / (one.radii[:, None] + one.radii)
        others = share[~np.eye(len(share), dtype=bool)]
        assert others.min() > 0.55
        assert np.mean(others < 0.85) < 0.02


def test_walls_are_closed_and_go_once_around_their_centre(tufts):
    one = tufts[0]
    loop = np.zeros(TURNS, int)
    turn = np.linspace(0, 2 * np.pi, TURNS)
    points = one.wall(loop, turn)
    assert np.allclose(points[0], points[-1])
    x, y = (points - one.loops[0]).T
    assert np.allclose(np.unwrap(np.arctan2(y, x)), turn)
