from __future__ import annotations

import cv2
import numpy as np
import pytest

from polyclinic.geometry import Homography, Size, warp_image, warp_mask
from polyclinic.geometry.warp import warp_masks
from polyclinic.sample import Mask

from .transforms import FRAME, TRANSFORMS, Transform

SIZES = [(50, 60), (200, 240), (17, 20), (33, 91), (1, 1)]


@pytest.mark.parametrize("target", SIZES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_a_resized_even_surface_stays_even_up_to_its_rim(target: Size, dtype: type) -> None:
    image = np.full((50, 60, 3), 200, dtype)
    resized = warp_image(image, Homography.resize((50, 60), target), target)
    assert resized.dtype == dtype
    np.testing.assert_array_equal(resized, np.full((*target, 3), 200, dtype))


@pytest.mark.parametrize("shape", [(9, 7), (9, 7, 1), (9, 7, 4)])
def test_channels_are_kept(shape: tuple[int, ...]) -> None:
    image = np.random.default_rng(0).integers(0, 255, shape, np.uint8)
    np.testing.assert_array_equal(warp_image(image, Homography.mirror(7), (9, 7)), image[:, ::-1])


def test_outside_takes_the_fill_colour() -> None:
    image = np.full((10, 10, 3), 9, np.uint8)
    moved = warp_image(image, Homography.translation(3, 0), (10, 12), fill=(1.0, 2.0, 3.0))
    np.testing.assert_array_equal(moved[:, :3], np.broadcast_to([1, 2, 3], (10, 3, 3)))
    assert (moved[:, 3:] == 9).all()


def test_nothing_appears_from_behind_the_horizon() -> None:
    """Rows beyond the vanishing line would show the image a second time, upside down."""
    image = np.full((40, 40), 255, np.uint8)
    tilted = Homography(np.array([[1, 0, 0], [0, 1, 0], [0, 0.02, 1]]))
    moved = warp_image(image, tilted, (200, 40))
    bottom = int(tilted.points(np.array([0, 39.5]))[1])
    assert moved[: bottom + 1, 0].all()
    assert not moved[bottom + 1 :].any()


@pytest.mark.parametrize("factor", [2, 3, 5])
def test_whole_factors_are_area_averages(factor: int) -> None:
    image = np.random.default_rng(0).integers(0, 255, (60, 90, 3), np.uint8)
    size = (60 // factor, 90 // factor)
    expected = cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)
    resized = warp_image(image, Homography.resize((60, 90), size), size)
    np.testing.assert_array_equal(resized, expected)


@pytest.mark.parametrize("target", [(100, 30), (30, 100), (37, 41)])
def test_shrinking_does_not_alias(target: Size) -> None:
    """A chequerboard of single pixels becomes grey, whatever axis shrinks."""
    image = (np.indices((100, 100)).sum(0) % 2 * 255).astype(np.uint8)
    resized = warp_image(image, Homography.resize((100, 100), target), target)
    assert resized.astype(float).std() < 50


def test_mask_touching_the_rim_fills_an_enlarged_frame() -> None:
    full = Mask.from_array(np.ones((6, 8), bool))
    enlarged = warp_mask(full, Homography.resize((6, 8), (31, 17)), (31, 17))
    np.testing.assert_array_equal(enlarged.box(), [-0.5, -0.5, 16.5, 30.5])
    # Half the coverage rounds sharp corners by a pixel; the sides stay.
    assert 31 * 17 - enlarged.area <= 8


def test_mask_keeps_hole_and_disjoint_part() -> None:
    array = np.zeros((40, 60), bool)
    array[5:25, 5:25] = True
    array[12:18, 12:18] = False
    array[30:36, 50:56] = True
    moved = warp_mask(Mask.from_array(array), Homography.resize((40, 60), (80, 120)), (80, 120))
    np.testing.assert_array_equal(moved.array(), array.repeat(2, 0).repeat(2, 1))


@pytest.mark.parametrize("shift", [(100.0, 0.0), (0.0, -100.0)])
def test_mask_that_left_the_frame_is_empty(shift: tuple[float, float]) -> None:
    mask = Mask.from_array(np.ones((6, 8), bool))
    assert warp_mask(mask, Homography.translation(*shift), (6, 8)).area == 0


def test_empty_mask_stays_empty() -> None:
    empty = Mask.from_array(np.zeros((6, 8), bool))
    assert warp_mask(empty, Homography.mirror(8), (6, 8)).area == 0


def test_a_speck_smaller_than_half_a_target_pixel_vanishes() -> None:
    array = np.zeros((50, 50), bool)
    array[22, 22] = True
    small = warp_mask(Mask.from_array(array), Homography.resize((50, 50), (10, 10)), (10, 10))
    assert small.area == 0


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_masks_at_once_are_masks_one_by_one(transform: Transform) -> None:
    """Parts of noise, one that fills the frame, and one that is empty."""
    noise = np.random.default_rng(3).random(FRAME) < 0.5
    masks = [Mask(np.zeros((0, 0), bool), 0, 0, FRAME), Mask.from_array(np.ones(FRAME, bool))]
    masks += [Mask(noise[:30, :k].copy(), 11 * k, 7 * k, FRAME) for k in (3, 20, 35)]
    masks.insert(3, Mask(np.zeros((4, 5), bool), 6, 7, FRAME))
    moved = warp_masks(masks, transform.homography, transform.size)
    for mask, one in zip(masks, moved, strict=True):
        alone = warp_mask(mask, transform.homography, transform.size)
        np.testing.assert_array_equal(one.array(), alone.array())
        assert (one.left, one.top, one.shape) == (alone.left, alone.top, alone.shape)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_a_mask_in_its_patch_is_its_whole_frame_warped(transform: Transform) -> None:
    """Where the map does not shrink; cells are averaged from the corner of the patch."""
    if np.linalg.svd(transform.homography.jacobian_at((FRAME[1] / 2, FRAME[0] / 2)))[1].min() < 0.6:
        pytest.skip("cells are averaged")
    array = np.zeros(FRAME, bool)
    array[120:170, 150:230] = np.random.default_rng(4).random((50, 80)) < 0.5
    size, homography = transform.size, transform.homography
    whole = cv2.warpPerspective(array.astype(np.float32), homography.matrix, size[::-1])
    found = warp_mask(Mask.from_array(array), homography, size).array()
    clear = np.abs(whole - 0.5) > 1e-3
    np.testing.assert_array_equal(found[clear], (whole > 0.5)[clear])


def test_a_resize_that_changes_nothing_is_a_copy() -> None:
    image = np.random.default_rng(0).integers(0, 255, (6, 7, 3), np.uint8)
    same = warp_image(image, Homography.identity(), (6, 7))
    np.testing.assert_array_equal(same, image)
    assert not np.shares_memory(same, image)
