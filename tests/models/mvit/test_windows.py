import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.models.mvit.windows import cut_windows, join_windows

sizes = st.integers(1, 17)


@given(height=sizes, width=sizes, side=st.integers(1, 8))
def test_joining_undoes_cutting(height, width, side):
    cells = torch.arange(2.0 * height * width * 3).reshape(2, height, width, 3)
    windows = cut_windows(cells, side)
    assert windows.shape == (2 * -(-height // side) * -(-width // side), side, side, 3)
    assert torch.equal(join_windows(windows, (height, width)), cells)


def test_windows_are_neighbourhoods_filled_up_with_zeros():
    cells = torch.arange(1.0, 10.0).reshape(1, 3, 3, 1)
    windows = cut_windows(cells, 2)[..., 0].tolist()
    assert windows == [[[1, 2], [4, 5]], [[3, 0], [6, 0]], [[7, 8], [0, 0]], [[9, 0], [0, 0]]]
