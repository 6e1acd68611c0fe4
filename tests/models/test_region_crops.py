from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.ops import roi_align

from polyclinic.models.region_crops import crop_regions
from polyclinic.models.region_pool import RegionPool

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
