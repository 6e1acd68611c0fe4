from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.geometry import Homography, Size
from polyclinic.geometry.cover import covered_columns, fill_beside

from .transforms import FRAME, TRANSFORMS, Transform

NEAR = 1e-6


def margins(homography: Homography, frame: Size, size: Size) -> np.ndarray:
    """Pixel by pixel: how far inside the source frame a target centre lies, times its weight."""
    rows, columns = np.mgrid[: size[0], : size[1]]
    places = np.stack([columns, rows, np.ones(size)], -1)
    x, y, weight = np.moveaxis(places @ np.linalg.inv(homography.matrix).T, -1, 0)
    right, bottom = (frame[1] - 0.5) * weight, (frame[0] - 0.5) * weight
    return np.min([x + 0.5 * weight, right - x, y + 0.5 * weight, bottom - y], axis=0)


def covered(homography: Homography, frame: Size, size: Size) -> np.ndarray:
    first, stop = covered_columns(homography, frame, size)
    columns = np.arange(size[1])
    return (columns >= first[:, None]) & (columns < stop[:, None])


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_rows_are_what_pixels_say(transform: Transform) -> None:
    expected = margins(transform.homography, FRAME, transform.size)
    found = covered(transform.homography, FRAME, transform.size)
    clear = np.abs(expected) > NEAR
    np.testing.assert_array_equal(found[clear], (expected > 0)[clear])


@given(
    degrees=st.floats(-180, 180),
    log_scale=st.floats(-2, 2),
    shift=st.tuples(st.floats(-90, 90), st.floats(-90, 90)),
    tilt=st.tuples(st.floats(-0.03, 0.03), st.floats(-0.03, 0.03)),
    frame=st.tuples(st.integers(1, 30), st.integers(1, 30)),
    size=st.tuples(st.integers(1, 30), st.integers(1, 30)),
)
def test_any_homography(
    degrees: float,
    log_scale: float,
    shift: tuple[float, float],
    tilt: tuple[float, float],
    frame: Size,
    size: Size,
) -> None:
    about = Homography.about((9, 7), degrees=degrees, scale=float(np.exp(log_scale)), shift=shift)
    homography = about @ Homography(np.array([[1, 0, 0], [0, 1, 0], [*tilt, 1]]))
    expected = margins(homography, frame, size)
    clear = np.abs(expected) > NEAR
    np.testing.assert_array_equal(covered(homography, frame, size)[clear], (expected > 0)[clear])


@pytest.mark.parametrize("shift", [0.5, -0.5])
def test_centres_on_the_edge_are_inside(shift: float) -> None:
    assert covered(Homography.translation(shift, shift), (5, 7), (5, 7)).all()
    assert not covered(Homography.translation(shift * 1.01, 0), (5, 7), (5, 7)).all()


@pytest.mark.parametrize("degrees", [1e-308, 1e-17, 1e-12, 90, 180, -90])
def test_rows_along_an_edge(degrees: float) -> None:
    turn = Homography.about((4, 4), degrees=degrees)
    assert covered(turn, (9, 9), (9, 9)).all()


def test_a_frame_far_away_is_not_seen() -> None:
    assert not covered(Homography.translation(100, 0), (5, 7), (5, 7)).any()
    assert not covered(Homography.translation(0, -100), (5, 7), (5, 7)).any()


@pytest.mark.parametrize("shape", [(4, 5), (4, 5, 3)])
def test_what_lies_beside_is_filled(shape: tuple[int, ...]) -> None:
    image = np.ones(shape, np.uint8)
    fill_beside(image, np.array([0, 2, 5, 0]), np.array([5, 4, 5, 3]), 9.0)
    expected = [[1, 1, 1, 1, 1], [9, 9, 1, 1, 9], [9, 9, 9, 9, 9], [1, 1, 1, 9, 9]]
    np.testing.assert_array_equal(image.reshape(4, 5, -1)[..., 0], expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("colour", [7.0, (7.0,), (7.0, 8.0, 9.0)])
def test_the_fill_is_a_colour_or_one_number(dtype: type, colour: float | tuple[float, ...]) -> None:
    image = np.ones((3, 4, 3), dtype)
    fill_beside(image, np.array([1, 0, 2]), np.array([4, 3, 2]), colour)
    inside = np.array([[0, 1, 1, 1], [1, 1, 1, 0], [0, 0, 0, 0]], bool)[..., None]
    expected = np.where(inside, np.ones(3), np.asarray(colour))
    np.testing.assert_array_equal(image, expected)
