from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import roi_align

from polyclinic.models.region_pool import RegionPool, crop_regions

SCALE = 0.25


def theirs(maps, rows, cells, samples):
    return roi_align(maps, rows, cells, SCALE, samples, aligned=True)


def ours(maps, rows, cells, samples):
    crops = crop_regions(maps, rows, cells, scale=SCALE, samples=samples)
    return crops.permute(0, 3, 1, 2)


corner = st.floats(-30, 130, width=32)
box = st.tuples(st.integers(0, 1), corner, corner, corner, corner)


@settings(max_examples=60, deadline=None)
@given(
    boxes=st.lists(box, max_size=5),
    cells=st.sampled_from([1, 7, 14]),
    samples=st.sampled_from([1, 2, 3]),
    last=st.booleans(),
)
def test_crops_and_gradients_are_those_of_torchvision(boxes, cells, samples, last):
    """Also of boxes outside the map, without area, and inside out."""
    torch.manual_seed(0)
    rows = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 5)
    form = torch.channels_last if last else torch.contiguous_format
    maps = torch.rand(2, 3, 21, 26).contiguous(memory_format=form)
    found = []
    for crop in (ours, theirs):
        own = maps.clone().requires_grad_()
        crops = crop(own, rows, cells, samples)
        crops.square().sum().backward()
        found.append((crops.detach(), own.grad))
    torch.testing.assert_close(found[0][0], found[1][0], atol=2e-5, rtol=1e-5)
    torch.testing.assert_close(found[0][1], found[1][1], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("levels", [("p2",), ("p2", "p3")])
def test_a_pool_crops_alike_in_training_and_in_reading(levels):
    torch.manual_seed(0)
    maps = {f"p{2 + k}": torch.rand(2, 4, 64 >> k, 80 >> k) for k in range(2)}
    boxes = [torch.tensor([[1.0, 2, 200, 220], [4, 4, 30, 20]]), torch.tensor([[9.0, 9, 250, 240]])]
    pool = RegionPool(levels, 7)
    torch.testing.assert_close(pool.train()(maps, boxes), pool.eval()(maps, boxes))


def test_a_map_that_no_box_looks_at_gets_a_gradient_of_zeros():
    """Without one an optimiser would leave its layers out of decay and momentum."""
    maps = {f"p{2 + k}": torch.rand(1, 4, 64 >> k, 80 >> k, requires_grad=True) for k in range(2)}
    RegionPool(("p2", "p3"), 7)(maps, [torch.tensor([[4.0, 4, 30, 20]])]).sum().backward()
    assert maps["p2"].grad.any()
    assert maps["p3"].grad is not None
    assert not maps["p3"].grad.any()


HEIGHT, WIDTH = 256, 320
LEVELS = ("p2", "p3", "p4", "p5")


def ramps() -> dict[str, torch.Tensor]:
    """Maps whose two channels hold the x and y of each cell's centre, corner-origin pixels."""
    maps = {}
    for exponent, name in enumerate(LEVELS, start=2):
        stride = 2**exponent
        x = (torch.arange(WIDTH // stride) + 0.5) * stride
        y = (torch.arange(HEIGHT // stride) + 0.5) * stride
        both = torch.stack([x.expand(len(y), -1), y[:, None].expand(-1, len(x))])
        maps[name] = both[None]
    return maps


@settings(max_examples=60, deadline=None)
@given(
    # Half a cell of the coarsest level inside, where a ramp goes on under every sample.
    x=st.floats(16, 200),
    y=st.floats(16, 150),
    width=st.floats(2, 90),
    height=st.floats(2, 80),
    cells=st.sampled_from([1, 7, 14]),
    levels=st.sampled_from([("p2",), ("p3",), ("p4",), ("p5",), LEVELS]),
)
def test_a_ramp_is_read_at_the_cell_centres(x, y, width, height, cells, levels):
    boxes = torch.tensor([[x, y, x + width, y + height]])
    crop = RegionPool(levels, cells)(ramps(), [boxes])[0]
    steps = (np.arange(cells) + 0.5) / cells
    np.testing.assert_allclose(
        crop[0], np.tile(x + steps * width, (cells, 1)), rtol=1e-6, atol=2e-4
    )
    np.testing.assert_allclose(
        crop[1].T, np.tile(y + steps * height, (cells, 1)), rtol=1e-6, atol=2e-4
    )


def test_mirrored_maps_and_boxes_give_mirrored_crops():
    torch.manual_seed(0)
    maps = {name: torch.rand_like(one) for name, one in ramps().items()}
    mirrored = {name: one.flip(3) for name, one in maps.items()}
    boxes = torch.tensor([[3.0, 5, 40, 90], [-6.0, 20, 200, 230], [250.0, 240, 330, 260]])
    turned = torch.stack([WIDTH - boxes[:, 2], boxes[:, 1], WIDTH - boxes[:, 0], boxes[:, 3]], 1)
    pool = RegionPool(LEVELS, 7)
    torch.testing.assert_close(pool(maps, [boxes]), pool(mirrored, [turned]).flip(3))


@pytest.mark.parametrize(
    ("side", "level"),
    [(1, 2), (55.9, 2), (56, 2), (111, 2), (112, 3), (223, 3), (224, 4), (448, 5), (4000, 5)],
)
def test_level_follows_the_size(side, level):
    box = torch.tensor([[10.0, 20.0, 10 + side, 20 + side]])
    assert RegionPool(LEVELS, 7).level_of(box).item() == level


def test_long_boxes_take_the_level_of_their_area():
    box = torch.tensor([[0.0, 0.0, 56.0, 896.0]])
    assert RegionPool(LEVELS, 7).level_of(box).item() == 4


def test_crops_stay_with_their_boxes_and_images():
    torch.manual_seed(0)
    maps = {name: torch.rand(2, 3, *one.shape[2:]) for name, one in ramps().items()}
    sides = torch.tensor([230.0, 10, 130, 60, 20, 200])
    boxes = torch.stack([sides * 0, sides * 0, sides, sides], 1)
    pool = RegionPool(LEVELS, 7)
    together = pool(maps, [boxes[:2], boxes[2:]])
    for row, box in enumerate(boxes):
        image = int(row >= 2)
        alone = pool({n: one[image : image + 1] for n, one in maps.items()}, [box[None]])
        torch.testing.assert_close(together[row], alone[0])


def test_no_boxes_give_no_crops_and_can_be_trained_through():
    maps = {name: one.requires_grad_() for name, one in ramps().items()}
    crops = RegionPool(LEVELS, 7)(maps, [torch.zeros(0, 4)])
    assert crops.shape == (0, 2, 7, 7)
    crops.sum().backward()
    assert all(not one.grad.any() for one in maps.values())


def test_a_box_without_area_gives_finite_crops():
    crops = RegionPool(LEVELS, 7)(ramps(), [torch.tensor([[50.0, 50, 50, 50], [60.0, 60, 50, 50]])])
    assert crops.isfinite().all()


def test_bfloat16_maps_are_cropped_in_float32():
    maps = {name: one.bfloat16() for name, one in ramps().items()}
    assert RegionPool(LEVELS, 2)(maps, [torch.tensor([[8.0, 8, 40, 40]])]).dtype == torch.float32
