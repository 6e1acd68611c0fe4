import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.losses import wing_loss


def test_the_published_values():
    assert wing_loss(torch.tensor(1.0)).item() == pytest.approx(15 * math.log(4 / 3))
    at_zero = torch.tensor(1e-6, requires_grad=True)
    wing_loss(at_zero).backward()
    assert at_zero.grad.item() == pytest.approx(5, rel=1e-4)


@given(st.floats(0.1, 50), st.floats(0.1, 50))
def test_the_two_parts_meet(width, curvature):
    sides = torch.tensor([width * (1 - 1e-9), width * (1 + 1e-9)], dtype=torch.float64)
    low, high = wing_loss(sides, width=width, curvature=curvature)
    assert low.item() == pytest.approx(high.item(), rel=1e-6)


@given(st.floats(20, 1e4))
def test_beyond_the_width_it_is_linear_and_even(size):
    here = torch.tensor([size, size + 1, -size], dtype=torch.float64)
    loss = wing_loss(here)
    assert (loss[1] - loss[0]).item() == pytest.approx(1)
    assert loss[0] == loss[2]
