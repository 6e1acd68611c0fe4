import math

import pytest
import torch

from polyclinic.tasks.points.penalty import PenaltyConfig

DIFFERENCE = torch.tensor([[1.0, -20.0]])
SIZE = (100, 50)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("wing", [15 * math.log(4 / 3), 20 - 15 + 15 * math.log(6)]),
        ("l1", [1, 20]),
        ("l2", [1, 400]),
        ("elastic", [1, 210]),
    ],
)
def test_losses_of_pixels(kind, expected):
    found = PenaltyConfig(kind=kind).build()(DIFFERENCE, SIZE)
    torch.testing.assert_close(found, torch.tensor([expected], dtype=torch.float32))


def test_shares_are_of_width_and_height():
    found = PenaltyConfig(kind="l1", unit="share").build()(DIFFERENCE, SIZE)
    torch.testing.assert_close(found, torch.tensor([[0.02, 0.2]]))


def test_only_the_robust_one_has_parameters():
    assert not list(PenaltyConfig().build().parameters())
    assert len(list(PenaltyConfig(kind="robust").build().parameters())) == 2
