import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.decoding.masks import paste_mask
from polyclinic.geometry import Homography
from polyclinic.sample import Mask
from polyclinic.tasks.masks.task import encode_mask, mask_targets
from tests.tasks.painting import paint_loop

SIZE = (220, 160)
CELLS = 28
NETWORK = Homography.identity()


def targets(mask, box, cells=CELLS):
    picture, edges = encode_mask(mask)
    return mask_targets(
        torch.from_numpy(picture)[None],
        torch.from_numpy(edges)[None],
        torch.tensor(np.asarray(box, np.float32))[None],
        cells,
    )[0].numpy()


def corner_box(mask):
    return mask.box() + 0.5


def centroid(mask):
    rows, columns = np.nonzero(mask.array())
    return np.array([columns.mean(), rows.mean()])


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, CELLS), st.integers(1, CELLS))
def test_a_mask_no_larger_than_the_grid_comes_back_exactly(seed, height, width):
    """One cell a pixel: masks with holes and parts survive encoding and pasting.

    Only a pixel that no neighbour shares may be lost, for the encoded picture is smooth.
    """
    rng = np.random.default_rng(seed)
    full = np.zeros(SIZE, bool)
    full[40 : 40 + height, 30 : 30 + width] = rng.random((height, width)) < 0.5
    full[40, 30] = full[39 + height, 29 + width] = True
    mask = Mask.from_array(full)
    box = np.array([30, 40, 30 + CELLS, 40 + CELLS], float)
    pasted = paste_mask(targets(mask, box), box, NETWORK, SIZE)
    wrong = pasted.array() != full
    shared = [np.roll(full, step, axis) == full for step in (-1, 1) for axis in (0, 1)]
    assert not (wrong & np.any(shared, axis=0)).any()
    assert wrong.sum() <= 1


@pytest.mark.parametrize(
    ("thick", "height", "least"),
    [(2, 60, 0.95), (3, 60, 0.95), (3, 100, 0.95), (3, 190, 0.9), (5, 190, 0.95), (9, 190, 0.95)],
)
def test_thin_vessels_come_back_unbiased(thick, height, least):
    """Two legs and an arch, in a box many times as high as the vessel is wide."""
    for x in range(20, 24):
        mask = paint_loop(SIZE, x, 12 + x % 3, 30, height, thick)
        box = corner_box(mask)
        pasted = paste_mask(targets(mask, box), box, NETWORK, SIZE)
        assert pasted.iou(mask) > least
        assert pasted.area / mask.area == pytest.approx(1, abs=0.06)
        assert np.abs(centroid(pasted) - centroid(mask)).max() < 0.3


def test_targets_are_the_cover_of_each_cell():
    """Up to the half picture pixel by which interpolation softens an outer edge."""
    full = np.zeros(SIZE, bool)
    full[10:66, 20:48] = True
    mask = Mask.from_array(full)
    cover = targets(mask, [20 + 14, 10, 48 + 14, 66])
    assert cover[1:-1, :13].min() > 0.99
    assert cover[:, :14].min() > 0.85
    assert cover[:, 15:].max() < 0.01
    shifted = targets(mask, [20 - 0.25, 10, 48 - 0.25, 66])
    assert shifted[5, 0] == pytest.approx(0.75, abs=0.15)


def test_a_region_away_from_the_mask_is_empty():
    mask = paint_loop(SIZE, 20, 20, 30, 60, 5)
    assert not targets(mask, [100, 120, 150, 200]).any()


def test_a_mirrored_mask_is_read_mirrored():
    mask = paint_loop(SIZE, 21, 13, 29, 77, 3)
    mirrored = Mask.from_array(mask.array()[:, ::-1])
    x1, y1, x2, y2 = corner_box(mask) + np.array([-3.3, -2.1, 5.7, 4.4])
    there = targets(mask, [x1, y1, x2, y2])
    back = targets(mirrored, [SIZE[1] - x2, y1, SIZE[1] - x1, y2])
    np.testing.assert_allclose(back[:, ::-1], there, atol=1e-4)


@pytest.mark.parametrize("scale", [0.4, 1.0, 2.5])
def test_pasting_follows_the_way_into_the_network(scale):
    """A disc in network pixels lies at its place in the original, whatever the scale."""
    network_size = (round(SIZE[0] * scale), round(SIZE[1] * scale))
    to_network = Homography.resize(SIZE, network_size)
    steps = (np.arange(CELLS) + 0.5) / CELLS - 0.5
    ball = np.clip((0.4 - np.hypot(steps[:, None], steps)) * CELLS + 0.5, 0, 1)
    centre = np.array([70.5, 101.5])
    radius = 30.0
    corners = np.array([centre - radius, centre + radius])
    box = to_network.points(corners).ravel() + 0.5
    pasted = paste_mask(ball.astype(np.float32), box, to_network, SIZE)
    assert np.abs(centroid(pasted) - centre).max() < 0.2
    assert pasted.area == pytest.approx(np.pi * (0.4 * 2 * radius) ** 2, rel=0.03)


def test_a_mirrored_grid_is_pasted_mirrored():
    rng = np.random.default_rng(0)
    grid = rng.random((CELLS, CELLS)).astype(np.float32)
    box = np.array([20.3, 31.7, 81.9, 150.2])
    turned = np.array([SIZE[1] - box[2], box[1], SIZE[1] - box[0], box[3]])
    there = paste_mask(grid, box, NETWORK, SIZE).array()
    back = paste_mask(np.ascontiguousarray(grid[:, ::-1]), turned, NETWORK, SIZE).array()
    assert (there != back[:, ::-1]).mean() < 1e-3


def test_what_lies_outside_the_image_is_cut():
    grid = np.ones((CELLS, CELLS), np.float32)
    pasted = paste_mask(grid, np.array([-20.0, -20.0, 30.0, 30.0]), NETWORK, SIZE)
    assert (pasted.left, pasted.top, pasted.patch.shape) == (0, 0, (30, 30))
    assert not paste_mask(grid, np.array([-60.0, 5.0, -20.0, 30.0]), NETWORK, SIZE).area
    assert not paste_mask(0 * grid, np.array([5.0, 5.0, 20.0, 30.0]), NETWORK, SIZE).area
