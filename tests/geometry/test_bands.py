from __future__ import annotations

import cv2
import numpy as np
import pytest

from polyclinic.geometry import Homography, warp_image
from polyclinic.geometry.bands import pays, resample_in_bands
from polyclinic.geometry.cover import covered_columns

from .transforms import FRAME, TRANSFORMS, Transform

NOISE = np.random.default_rng(5).integers(0, 256, (*FRAME, 3), np.uint8)
TURN = Homography.about((8, 4), degrees=30, scale=3)


def wanted(transform: Transform) -> np.ndarray:
    first, stop = covered_columns(transform.homography, FRAME, transform.size)
    columns = np.arange(transform.size[1])
    return (columns >= first[:, None]) & (columns < stop[:, None])


def in_doubles(transform: Transform) -> np.ndarray:
    """Linear interpolation with the nearest edge colour outside."""
    rows, columns = np.mgrid[: transform.size[0], : transform.size[1]]
    x, y = np.moveaxis(transform.homography.inverse().points(np.stack([columns, rows], -1)), -1, 0)
    left, top = np.floor(x), np.floor(y)
    right_share, low_share = (x - left)[..., None], (y - top)[..., None]

    def seen(row: np.ndarray, column: np.ndarray) -> np.ndarray:
        inside = np.clip(row, 0, FRAME[0] - 1), np.clip(column, 0, FRAME[1] - 1)
        return NOISE[inside[0].astype(int), inside[1].astype(int)].astype(float)

    upper = seen(top, left) * (1 - right_share) + seen(top, left + 1) * right_share
    lower = seen(top + 1, left) * (1 - right_share) + seen(top + 1, left + 1) * right_share
    return upper * (1 - low_share) + lower * low_share


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_bands_are_as_exact_as_the_whole_frame_in_three_channels(transform: Transform) -> None:
    matrix, size = transform.homography.matrix, transform.size
    covered = covered_columns(transform.homography, FRAME, size)
    inside, exact = wanted(transform), in_doubles(transform)
    whole = cv2.warpPerspective(
        NOISE, matrix, size[::-1], flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    banded = resample_in_bands(NOISE, matrix, size, covered)
    missed, missed_whole = (np.abs(one - exact)[inside] for one in (banded, whole))
    assert missed.max() <= max(0.5, missed_whole.max()) + 0.1
    assert missed.mean() <= missed_whole.mean() + 1e-3


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("size", [(1, 1), (1, 40), (63, 9), (64, 9), (65, 9), (130, 3)])
def test_frames_that_are_no_whole_number_of_bands(dtype: type, size: tuple[int, int]) -> None:
    image = np.full((9, 17, 3), (1, 20, 200), dtype)
    covered = covered_columns(TURN, (9, 17), size)
    found = resample_in_bands(image, TURN.matrix, size, covered)
    assert found.shape == (*size, 3)
    assert found.dtype == dtype
    inside = np.arange(size[1]) >= covered[0][:, None]
    inside &= np.arange(size[1]) < covered[1][:, None]
    np.testing.assert_array_equal(found[inside], np.broadcast_to(image[0, 0], (inside.sum(), 3)))


def test_views_of_an_image_are_read_and_not_written_to() -> None:
    kept = NOISE.copy()
    mirrored = warp_image(NOISE[:, ::-1], TURN, FRAME)
    np.testing.assert_array_equal(NOISE, kept)
    np.testing.assert_array_equal(mirrored, warp_image(NOISE[:, ::-1].copy(), TURN, FRAME))


def test_a_steep_perspective_keeps_the_colour_of_the_edge() -> None:
    """Near the horizon rounding moves what is sampled by whole pixels."""
    image = np.full((40, 40, 3), 200, np.uint8)
    steep = Homography(np.array([[1, 0, 0], [0, 1, 0], [0, 5e4, 1]]))
    seen = warp_image(image, steep, (40, 40))
    assert set(np.unique(seen).tolist()) <= {0, 200}


@pytest.mark.parametrize(
    ("image", "worth"),
    [
        (np.zeros((20, 20, 3), np.uint8), True),
        (np.zeros((20, 20, 3)), False),
        (np.zeros((20, 20, 4), np.uint8), False),
        (np.zeros((20, 20, 1), np.uint8), False),
        (np.zeros((20, 20), np.uint8), False),
        (np.zeros((90, 90, 3), np.uint8), False),
    ],
)
def test_what_is_widened(image: np.ndarray, worth: bool) -> None:
    assert pays(image, (20, 20)) == worth
