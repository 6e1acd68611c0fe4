import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.models.mvit.windows import cut_windows, join_windows

sizes = st.integers(1, 17)


sides = st.integers(1, 8)


@given(height=sizes, width=sizes, high=sides, wide=sides, heads=st.integers(1, 3))
def test_joining_undoes_cutting(height, width, high, wide, heads):
    cells = torch.arange(2.0 * height * width * heads * 3).reshape(2, height, width, heads, 3)
    windows = cut_windows(cells, (high, wide))
    number = 2 * heads * -(-height // high) * -(-width // wide)
    assert windows.shape == (number, high, wide, 3)
    assert torch.equal(join_windows(windows, heads, (height, width)), cells.flatten(3))


def test_a_window_is_of_one_head():
    cells = torch.stack([torch.full((2, 4), 1.0), torch.full((2, 4), 2.0)], -1)[None, ..., None]
    assert [set(one.flatten().tolist()) for one in cut_windows(cells, (2, 2))] == [{1}, {2}] * 2


def test_windows_are_neighbourhoods_filled_up_with_zeros():
    cells = torch.arange(1.0, 10.0).reshape(1, 3, 3, 1, 1)
    windows = cut_windows(cells, (2, 2))[..., 0].tolist()
    assert windows == [[[1, 2], [4, 5]], [[3, 0], [6, 0]], [[7, 8], [0, 0]], [[9, 0], [0, 0]]]
