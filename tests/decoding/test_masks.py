import cv2
import numpy as np
import pytest

from polyclinic.decoding.masks import paste_mask, paste_masks
from polyclinic.errors import DataError
from polyclinic.geometry import Homography, warp_image

SIZE = (301, 400)
MOVES = [
    Homography.identity(),
    Homography.resize(SIZE, (768, 1024)),
    Homography.resize(SIZE, (80, 90)),
    Homography.translation(7.25, -3.5),
    Homography.mirror(400),
    Homography.about((200.0, 150.0), degrees=12),
]


def grids_and_boxes(rng, count=12, cells=14):
    grids = rng.random((count, cells, cells)).astype(np.float32)
    grids = np.stack([cv2.GaussianBlur(grid, (0, 0), 1.5) for grid in grids]) * 1.03
    corners = np.array([rng.uniform(-20, 300, count), rng.uniform(-20, 200, count)]).T
    return grids, np.hstack([corners, corners + rng.uniform(5, 160, (count, 2))])


@pytest.mark.parametrize("move", MOVES)
def test_as_resampling_the_grid_into_the_whole_image(move):
    grids, boxes = grids_and_boxes(np.random.default_rng(1))
    pasted = paste_masks(grids, boxes, move, SIZE)
    for grid, (x1, y1, x2, y2), mask in zip(grids, boxes, pasted, strict=True):
        per_cell = np.array([x2 - x1, y2 - y1]) / len(grid)
        place = np.diag([*per_cell, 1.0])
        place[:2, 2] = np.array([x1, y1]) + per_cell / 2 - 0.5
        whole = warp_image(grid, move.inverse() @ Homography(place), SIZE)
        unsure = np.abs(whole - 0.5) < 0.02  # OpenCV rounds places to 1 / 32 of a pixel
        assert np.array_equal(mask.array() | unsure, (whole >= 0.5) | unsure)
        if mask.area:
            x1, y1, x2, y2 = mask.box()
            assert (y2 - y1, x2 - x1) == mask.shape


@pytest.mark.parametrize("move", MOVES)
def test_together_as_one_by_one(move):
    grids, boxes = grids_and_boxes(np.random.default_rng(2))
    for grid, box, mask in zip(grids, boxes, paste_masks(grids, boxes, move, SIZE), strict=True):
        alone = paste_mask(grid, box, move, SIZE)
        assert np.array_equal(alone.array(), mask.array())
        assert (alone.left, alone.top) == (mask.left, mask.top)


def test_nothing_and_boxes_without_area():
    assert paste_masks(np.zeros((0, 4, 4), np.float32), np.zeros((0, 4)), MOVES[0], SIZE) == []
    with pytest.raises(DataError, match="no area"):
        paste_masks(np.ones((1, 4, 4), np.float32), np.array([[5.0, 5, 5, 9]]), MOVES[0], SIZE)
