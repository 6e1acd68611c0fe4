from __future__ import annotations

import pytest
import torch
from torch import nn

from polyclinic.training.balance import UncertaintyBalance
from polyclinic.training.config import TrainConfig
from polyclinic.training.optimiser import build_optimiser, undecayed


class Positions(nn.Module):
    def __init__(self):
        super().__init__()
        self.table = nn.Parameter(torch.ones(5, 3))

    def no_weight_decay(self):
        return {"table"}


def _module() -> nn.Module:
    module = nn.Module()
    module.convolution = nn.Conv2d(3, 4, 3)
    module.norm = nn.GroupNorm(2, 4)
    module.positions = nn.Sequential(Positions())
    module.balance = UncertaintyBalance(("mask",))
    return module


def test_what_is_not_decayed():
    assert undecayed(_module()) == {
        "convolution.bias",
        "norm.weight",
        "norm.bias",
        "positions.0.table",
        "balance.log_variance.mask",
    }


@pytest.mark.parametrize("optimiser", ["adamw", "sgd"])
def test_without_a_gradient_from_the_loss_only_decayed_parameters_move(optimiser):
    module = _module()
    before = {name: p.clone() for name, p in module.named_parameters()}
    for p in module.parameters():
        p.grad = torch.zeros_like(p)
    build_optimiser(module, TrainConfig(optimiser=optimiser, lr=0.1, weight_decay=0.5)).step()
    moved = {name for name, p in module.named_parameters() if not torch.equal(p, before[name])}
    assert moved == {"convolution.weight"}


def test_frozen_parameters_are_left_out():
    module = _module()
    module.convolution.requires_grad_(False)
    groups = build_optimiser(module, TrainConfig()).param_groups
    assert not any(p is module.convolution.weight for group in groups for p in group["params"])
