from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.geometry import Homography

angles = st.floats(-180, 180)
scales = st.floats(0.1, 10)
shears = st.floats(-1, 1)
POINTS = np.random.default_rng(0).uniform(-50, 200, (20, 2))


@given(degrees=angles, scale=scales, shear=shears, turns=st.integers(0, 3))
def test_composition_equals_one_after_the_other(
    degrees: float, scale: float, shear: float, turns: int
) -> None:
    first = Homography.about((31, 17), degrees=degrees, scale=scale, shear=shear)
    second = Homography.quarter_turns(turns, (80, 60))
    np.testing.assert_allclose(
        (second @ first).points(POINTS), second.points(first.points(POINTS)), atol=1e-8
    )


@given(degrees=angles, scale=scales, shear=shears)
def test_inverse_undoes(degrees: float, scale: float, shear: float) -> None:
    there = Homography.about((31, 17), degrees=degrees, scale=scale, shear=shear)
    np.testing.assert_allclose(there.inverse().points(there.points(POINTS)), POINTS, atol=1e-7)


@pytest.mark.parametrize("turns", range(-2, 6))
def test_quarter_turns_agree_with_rot90(turns: int) -> None:
    grid = np.arange(12).reshape(3, 4)
    turned = np.rot90(grid, turns)
    moved = Homography.quarter_turns(turns, (3, 4)).points(np.array([[1.0, 2], [3, 0]]))
    for (x, y), value in zip(moved.round().astype(int), (grid[2, 1], grid[0, 3]), strict=True):
        assert turned[y, x] == value


def test_resize_maps_edges_onto_edges() -> None:
    moved = Homography.resize((30, 50), (90, 20)).boxes(np.array([[-0.5, -0.5, 49.5, 29.5]]))
    np.testing.assert_allclose(moved, [[-0.5, -0.5, 19.5, 89.5]])


def test_a_turn_is_clockwise_as_seen() -> None:
    moved = Homography.about((0, 0), degrees=90).points(np.array([1.0, 0.0]))
    np.testing.assert_allclose(moved, [0, 1], atol=1e-12)


def test_only_odd_numbers_of_mirrors_reflect() -> None:
    mirror, upend = Homography.mirror(10), Homography.upend(8)
    assert mirror.reflects
    assert upend.reflects
    assert not (mirror @ upend).reflects
    assert not Homography.about((0, 0), degrees=180).reflects


def test_jacobian_is_the_derivative_under_perspective() -> None:
    homography = Homography(np.array([[1.1, 0.2, 3], [-0.1, 0.9, 5], [2e-3, -1e-3, 1]]))
    point, step = np.array([40.0, 25.0]), 1e-4
    numeric = np.column_stack(
        [
            (homography.points(point + move) - homography.points(point - move)) / (2 * step)
            for move in (np.array([step, 0]), np.array([0, step]))
        ]
    )
    np.testing.assert_allclose(homography.jacobian_at((40, 25)), numeric, rtol=1e-6)
    area = abs(np.linalg.det(numeric))
    assert homography.scale_at((40, 25)) == pytest.approx(np.sqrt(area), rel=1e-6)


@pytest.mark.parametrize("matrix", [np.eye(2), np.full((3, 3), np.nan), np.zeros((3, 3))])
def test_refuses_what_is_no_homography(matrix: np.ndarray) -> None:
    with pytest.raises(DataError, match="homography"):
        Homography(matrix)
