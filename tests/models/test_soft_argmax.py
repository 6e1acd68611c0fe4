import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.models.soft_argmax import even_spread, soft_argmax


@given(st.integers(1, 9), st.integers(1, 9), st.data())
def test_one_hot_maps_give_their_cell(rows, columns, data):
    """KNEEL's coordinates are (j / W, i / H)."""
    i, j = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    logits = torch.zeros(1, 1, rows, columns)
    logits[0, 0, i, j] = 1
    places, spread = soft_argmax(logits, beta=1e3)
    share = places[0, 0] / torch.tensor([columns, rows])
    torch.testing.assert_close(share, torch.tensor([j / columns, i / rows]))
    assert spread.item() == pytest.approx(0, abs=1e-3)


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0.1, 10))
def test_even_maps_give_the_middle(rows, columns, beta):
    places, spread = soft_argmax(torch.full((1, 1, rows, columns), 3.0), beta=beta)
    share = places[0, 0] / torch.tensor([columns, rows])
    expected = torch.tensor([(columns - 1) / (2 * columns), (rows - 1) / (2 * rows)])
    torch.testing.assert_close(share, expected)
    assert spread.item() == pytest.approx(even_spread([(rows, columns)]).item(), abs=1e-4)


def test_padding_has_no_say():
    torch.manual_seed(0)
    logits = torch.randn(2, 3, 6, 8)
    cells = [(4, 5), (6, 3)]
    together = soft_argmax(logits, cells=cells)
    for row, (rows, columns) in enumerate(cells):
        alone = soft_argmax(logits[row : row + 1, :, :rows, :columns])
        for both, one in zip(together, alone, strict=True):
            torch.testing.assert_close(both[row], one[0])


def test_gradients_are_finite_beside_padding():
    logits = torch.randn(1, 1, 4, 4, requires_grad=True)
    soft_argmax(logits, cells=[(2, 3)])[0].sum().backward()
    assert logits.grad.isfinite().all()
    assert not logits.grad[..., 2:, :].any()
