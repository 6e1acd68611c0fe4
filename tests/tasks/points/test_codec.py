import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.sample import Instance
from polyclinic.tasks.points.codec import (
    covered_cells,
    labelled_points,
    narrowness,
    to_cells,
    to_pixels,
)


@given(st.integers(1, 30), st.integers(1, 30), st.sampled_from([2, 4]))
def test_a_map_spans_its_frame(rows, columns, stride):
    """The outer edges of the outer cells are those of the frame."""
    corners = torch.tensor([[-0.5, -0.5], [columns - 0.5, rows - 0.5]])
    frame = (rows * stride, columns * stride)
    found = to_pixels(corners, frame, (rows, columns))
    expected = torch.tensor([[-0.5, -0.5], [frame[1] - 0.5, frame[0] - 0.5]])
    torch.testing.assert_close(found, expected)
    torch.testing.assert_close(to_cells(found, frame, (rows, columns)), corners)


def test_cells_that_an_image_reaches_into_count():
    sizes = [(96, 128), (93, 125), (92, 1)]
    assert covered_cells(sizes, (96, 128), (24, 32)) == [(24, 32), (24, 32), (23, 1)]


def test_hidden_landmarks_are_labelled():
    landmarks = np.array([[1.0, 2, 2], [3, 4, 1], [0, 0, 0]])
    points, labelled = labelled_points(Instance(box=np.zeros(4), landmarks=landmarks), 3)
    np.testing.assert_array_equal(points, landmarks[:, :2])
    assert labelled.tolist() == [True, True, False]
    assert labelled_points(None, 3)[1].tolist() == [False] * 3


def test_narrowness_lies_between_an_even_map_and_one_cell():
    spread = torch.tensor([[0.0, 5.0, 10.0, 12.0]])
    assert narrowness(spread, torch.tensor([10.0])).tolist() == [[1, 0.5, 0, 0]]
    assert narrowness(torch.zeros(1, 1), torch.zeros(1)).item() == pytest.approx(1)
