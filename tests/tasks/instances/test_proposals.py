import pytest
import torch

from polyclinic.tasks.instances.proposals import AnchorGrid

LEVELS = ("p2", "p3", "p4", "p5", "p6")


def maps(height, width, dtype=torch.float32):
    return [
        torch.zeros(1, 1, -(-height // s), -(-width // s), dtype=dtype) for s in (4, 8, 16, 32, 64)
    ]


@pytest.mark.parametrize("size", [(288, 384), (64, 64), (352, 416), (1024, 768)])
def test_anchors_lie_a_stride_apart_also_where_a_map_was_rounded_up(size):
    grid = AnchorGrid(LEVELS, (8, 16, 32, 64, 128), (1.0, 2.0))
    boxes = grid.boxes(maps(*size))
    start = 0
    for one, stride, side in zip(maps(*size), grid.strides, (8, 16, 32, 64, 128), strict=True):
        height, width = one.shape[2:]
        level = boxes[start : start + height * width * 2].view(height, width, 2, 4)
        start += height * width * 2
        centres = (level[..., :2] + level[..., 2:]) / 2
        assert (centres[..., 0] == stride * torch.arange(width)[None, :, None]).all()
        assert (centres[..., 1] == stride * torch.arange(height)[:, None, None]).all()
        square = level[:, :, 0, 2:] - level[:, :, 0, :2]
        assert (square == side).all()
        tall = level[:, :, 1, 2:] - level[:, :, 1, :2]
        assert ((tall[..., 1] / tall[..., 0] - 2).abs() < 0.5).all()
    assert start == len(boxes)


def test_anchors_are_exact_for_bfloat16_maps():
    grid = AnchorGrid(LEVELS, (8, 16, 32, 64, 128), (1.0, 2.0))
    exact = grid.boxes(maps(768, 1024))
    assert torch.equal(grid.boxes(maps(768, 1024, torch.bfloat16)), exact)


@pytest.mark.parametrize("size", [(96, 128), (50, 70), (33, 128), (1, 1)])
def test_rows_inside_are_the_anchors_of_the_image_alone(size):
    """In whatever frame an image is padded to, the same anchors belong to it."""
    grid = AnchorGrid(LEVELS, (8, 16, 32, 64, 128), (1.0, 2.0))
    alone, padded = maps(*size), maps(160, 192)
    own = torch.cat(grid.rows_inside(alone, size))
    assert torch.equal(own, torch.arange(len(grid.boxes(alone))))
    inside = torch.cat(grid.rows_inside(padded, size))
    assert torch.equal(grid.boxes(padded)[inside], grid.boxes(alone))
