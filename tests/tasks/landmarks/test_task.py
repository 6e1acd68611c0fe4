import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.tasks.landmarks.task import (
    decode_positions,
    encode_positions,
    from_grid,
    grow_boxes,
    to_grid,
)

CELLS = 56
SURE = 1e-9
"""What a logit is taken of where the target is nothing."""


def round_trip(positions, codec):
    target = encode_positions(positions, CELLS, codec)
    logits = (target + SURE).log().view(1, len(positions), CELLS, CELLS)
    found, confidence = decode_positions(logits, codec)
    return found[0], confidence[0]


coordinate = st.floats(0.5, CELLS - 0.5, width=32)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=6))
def test_subcell_gives_the_position_back(points):
    positions = torch.tensor(points)
    found, confidence = round_trip(positions, "subcell")
    assert (found - positions).abs().max() < 0.01
    assert confidence.min() > 0.99


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 55.75, width=32)] * 2), min_size=1, max_size=6))
def test_cell_is_off_by_half_a_cell_at_most(points):
    positions = torch.tensor(points)
    found, _ = round_trip(positions, "cell")
    assert (found - positions).abs().max() <= 0.5 + 1e-4


@pytest.mark.parametrize("codec", ["cell", "subcell"])
def test_targets_are_distributions_wherever_the_point_lies(codec):
    edge = torch.tensor([[0.0, 0.0], [CELLS - 1e-4, 0.2], [0.3, CELLS], [28.0, 28.5]])
    target = encode_positions(edge, CELLS, codec)
    assert (target >= 0).all()
    torch.testing.assert_close(target.sum(1), torch.ones(4))


def test_subcell_expects_the_landmark_itself():
    positions = torch.tensor([[10.2, 31.9]])
    target = encode_positions(positions, CELLS, "subcell").view(CELLS, CELLS)
    centres = torch.arange(CELLS) + 0.5
    expected = torch.stack([(target.sum(0) * centres).sum(), (target.sum(1) * centres).sum()])
    torch.testing.assert_close(expected[None], positions)


@pytest.mark.parametrize("codec", ["cell", "subcell"])
def test_mirrored_heat_maps_give_mirrored_positions(codec):
    torch.manual_seed(0)
    logits = 3 * torch.randn(4, 3, CELLS, CELLS)
    found, confidence = decode_positions(logits, codec)
    mirrored, same = decode_positions(logits.flip(3), codec)
    torch.testing.assert_close(mirrored[..., 0], CELLS - found[..., 0])
    torch.testing.assert_close(mirrored[..., 1], found[..., 1])
    torch.testing.assert_close(same, confidence)


def test_confidence_falls_as_the_map_flattens():
    target = encode_positions(torch.tensor([[20.0, 20.0]]), CELLS, "subcell")
    sharp = (target + SURE).log().view(1, 1, CELLS, CELLS)
    levels = [float(decode_positions(sharp * heat, "subcell")[1]) for heat in (1, 0.3, 0.1, 0)]
    assert levels == sorted(levels, reverse=True)
    assert levels[-1] <= 25 / CELLS**2


@settings(max_examples=50, deadline=None)
@given(
    x=st.floats(-50, 500),
    y=st.floats(-50, 500),
    w=st.floats(1, 300),
    h=st.floats(1, 300),
    px=st.floats(-100, 600),
    py=st.floats(-100, 600),
)
def test_grid_positions_go_there_and_back(x, y, w, h, px, py):
    boxes = torch.tensor([[x, y, x + w, y + h]], dtype=torch.float64)
    points = torch.tensor([[[px, py]]], dtype=torch.float64)
    torch.testing.assert_close(from_grid(to_grid(points, boxes, 56), boxes, 56), points)


def test_the_grid_spans_its_box():
    boxes = torch.tensor([[10.0, 20.0, 30.0, 60.0]])
    corners = torch.tensor([[[10.0, 20.0], [30.0, 60.0], [20.0, 40.0]]])
    expected = torch.tensor([[[0.0, 0.0], [56.0, 56.0], [28.0, 28.0]]])
    torch.testing.assert_close(to_grid(corners, boxes, 56), expected)


def test_boxes_grow_on_each_side():
    grown = grow_boxes(torch.tensor([[10.0, 20.0, 30.0, 60.0]]), 0.1)
    assert grown.tolist() == [[8.0, 16.0, 32.0, 64.0]]


def test_nothing_found_decodes_to_nothing():
    positions, confidence = decode_positions(torch.zeros(0, 8, CELLS, CELLS), "subcell")
    assert positions.shape == (0, 8, 2)
    assert confidence.shape == (0, 8)
