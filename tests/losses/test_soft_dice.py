import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from monai.losses import DiceLoss

from polyclinic.losses import soft_dice_loss


@given(st.integers(0, 2**31 - 1), st.booleans())
def test_agrees_with_monai(seed, empty):
    rng = torch.Generator().manual_seed(seed)
    probabilities = torch.rand(2, 3, 5, 7, generator=rng)
    targets = (torch.rand(2, 3, 5, 7, generator=rng) > 0.5).float() * (not empty)
    oracle = DiceLoss(reduction="none", squared_pred=True, smooth_nr=1.0, smooth_dr=1.0)
    expected = oracle(probabilities, targets)[..., 0, 0]
    torch.testing.assert_close(soft_dice_loss(probabilities, targets), expected)


def test_right_costs_nothing_and_wrong_all():
    target = torch.zeros(40, 40)
    target[10:30, 10:30] = 1
    assert soft_dice_loss(target, target) == 0
    assert soft_dice_loss(1 - target, target) == pytest.approx(1, abs=1e-3)


def test_an_empty_target_is_learned_from():
    claimed = torch.full((4, 4), 0.5, requires_grad=True)
    loss = soft_dice_loss(claimed, torch.zeros(4, 4))
    loss.backward()
    assert 0 < loss < 1
    assert (claimed.grad > 0).all()
    assert soft_dice_loss(torch.zeros(4, 4), torch.zeros(4, 4)) == 0
