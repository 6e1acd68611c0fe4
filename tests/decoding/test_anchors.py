"""Anchors in numpy are those that the network was trained with."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.decoding.anchors import MULTIPLE, anchor_grids, padded
from polyclinic.tasks.instances.anchors import AnchorGrid

LEVELS = ("p1", "p2", "p3", "p4", "p5", "p6")
SIDES = st.integers(33, 400)


def maps_of(frame, levels):
    """Empty maps as the pyramid makes them: odd sides are rounded up."""
    sides = [[-(-side // 2 ** int(level[1:])) for side in frame] for level in levels]
    return [torch.zeros(1, 1, *one) for one in sides]


@given(
    size=st.tuples(SIDES, SIDES),
    first=st.integers(0, 4),
    ratios=st.lists(st.sampled_from([0.5, 1.0, 2.0, 4.0]), min_size=1, max_size=4, unique=True),
)
def test_those_of_the_network(size, first, ratios):
    levels = LEVELS[first:]
    grid = AnchorGrid(levels, tuple(8 * 2**i for i, _ in enumerate(levels)), tuple(ratios))
    maps = maps_of(padded(size), levels)
    anchors, inside = grid.boxes(maps), grid.rows_inside(maps, size)
    found = anchor_grids(tuple(grid.strides), grid.cell_anchors(), size)
    assert len(found) == len(levels)
    for mine, rows in zip(found, inside, strict=True):
        assert np.array_equal(mine.rows, rows.numpy())
        assert mine.boxes.dtype == np.float32
        assert np.array_equal(mine.boxes, anchors[rows].numpy())


@given(st.tuples(SIDES, SIDES))
def test_frames_hold_the_image_and_little_more(size):
    for side, frame in zip(size, padded(size), strict=True):
        assert frame % MULTIPLE == 0
        assert side <= frame < side + MULTIPLE


def test_a_level_without_shapes_is_refused():
    with pytest.raises(ValueError, match="zip"):
        anchor_grids((4, 8), (((-1.0, -1.0, 1.0, 1.0),),), (64, 64))
