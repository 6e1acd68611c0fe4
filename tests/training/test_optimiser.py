from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from polyclinic.errors import ConfigError
from polyclinic.training.balance import UncertaintyBalance
from polyclinic.training.config import TrainConfig
from polyclinic.training.optimiser import WARMUP_START, build_optimiser, learning_rate, undecayed

PAPER = TrainConfig(steps=10_000, lr=1.6e-4, warmup_steps=250, schedule="step")


@pytest.mark.parametrize(
    ("step", "factor"),
    [(0, 0.001), (250, 1.0), (7_499, 1.0), (7_500, 0.1), (9_499, 0.1), (9_500, 0.01)],
)
def test_the_published_schedule(step, factor):
    assert learning_rate(PAPER, step) == pytest.approx(1.6e-4 * factor)


def test_warm_up_is_linear():
    half = learning_rate(PAPER, 125) / PAPER.lr
    assert half == pytest.approx((1 + WARMUP_START) / 2)


def test_cosine_goes_from_lr_to_nothing():
    config = TrainConfig(steps=100, lr=1.0, warmup_steps=0)
    assert learning_rate(config, 0) == 1.0
    assert learning_rate(config, 50) == pytest.approx(0.5)
    assert learning_rate(config, 100) == pytest.approx(0.0)


@given(st.integers(0, 99), st.sampled_from(["cosine", "step"]))
def test_a_spent_budget_ends_every_schedule(step, schedule):
    config = TrainConfig(steps=100, lr=1.0, warmup_steps=50, schedule=schedule)
    assert learning_rate(config, step, 1.0) <= 0.01 + 1e-12


@given(st.integers(0, 98), st.floats(0, 1), st.floats(0, 0.5))
def test_after_warm_up_the_rate_never_rises(step, spent, more):
    config = TrainConfig(steps=100, warmup_steps=0)
    later = learning_rate(config, step + 1, min(1.0, spent + more))
    assert later <= learning_rate(config, step, spent)


def test_a_slow_machine_is_warm_after_a_tenth_of_its_budget():
    config = TrainConfig(steps=100_000, lr=1.0, warmup_steps=1_000)
    assert learning_rate(config, 3, 0.1) == pytest.approx(0.9755, abs=1e-3)


@pytest.mark.parametrize(
    "settings",
    [
        {"milestones": (0.5, 0.4)},
        {"milestones": (0.5,)},
        {"milestones": (0.5, 1.0)},
        {"devices": 8, "batch_size": 4},
        {"lr": 0},
        {"ema": 1.0},
    ],
)
def test_settings_that_do_not_fit_are_refused(settings):
    with pytest.raises(ConfigError):
        TrainConfig.parse(settings)


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
