from __future__ import annotations

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import ConfigError
from polyclinic.training.balance import (
    S_LIMIT,
    BalanceConfig,
    EqualBalance,
    FixedBalance,
    UncertaintyBalance,
)

NAMES = ("class", "mask", "box")


def _means(*values: float) -> dict[str, torch.Tensor]:
    return {n: torch.tensor(v) for n, v in zip(NAMES, values, strict=False)}


def test_uncertainty_starts_at_half_the_plain_sum():
    contributions = UncertaintyBalance(NAMES)(_means(1.0, 2.0, 4.0))
    assert sum(contributions.values()).item() == 3.5


@given(st.floats(1e-3, 1e3))
def test_uncertainty_is_least_where_s_is_the_log_of_the_loss(loss):
    balance = UncertaintyBalance(("mask",))
    s = balance.log_variance["mask"]
    torch.nn.init.constant_(s, math.log(loss))
    value = balance({"mask": torch.tensor(loss, dtype=torch.float64)})["mask"]
    value.backward()
    assert value.item() == pytest.approx(0.5 + 0.5 * math.log(loss), abs=1e-5)
    assert float(s.grad) == pytest.approx(0, abs=1e-5)


def test_descent_finds_that_minimum():
    balance = UncertaintyBalance(("mask",))
    descent = torch.optim.SGD(balance.parameters(), lr=0.5)
    for _ in range(200):
        descent.zero_grad()
        balance({"mask": torch.tensor(3.0)})["mask"].backward()
        descent.step()
    assert balance.state_of("mask")["s"] == pytest.approx(math.log(3), abs=1e-4)
    assert balance.state_of("mask")["sigma"] == pytest.approx(math.sqrt(3), abs=1e-3)


def test_an_absent_loss_leaves_its_s_alone():
    balance = UncertaintyBalance(NAMES)
    descent = torch.optim.AdamW(balance.parameters(), lr=0.1, fused=True)
    for step in range(4):
        descent.zero_grad()
        present = _means(5.0, 5.0) if step == 0 else _means(5.0)
        sum(balance(present).values()).backward()
        descent.step()
        if step == 0:
            after_first = balance.state_of("mask")
    assert balance.state_of("mask") == after_first
    assert balance.state_of("box") == {"s": 0.0, "sigma": 1.0}
    assert balance.state_of("class")["s"] > after_first["s"]


@pytest.mark.parametrize("far", [50.0, -50.0])
def test_s_is_kept_inside_and_can_come_back(far):
    balance = UncertaintyBalance(("mask",))
    torch.nn.init.constant_(balance.log_variance["mask"], far)
    balance(_means())
    balance({"mask": torch.tensor(1.0)})["mask"].backward()
    assert balance.state_of("mask")["s"] == math.copysign(S_LIMIT, far)
    assert float(balance.log_variance["mask"].grad) * far > 0


def test_equal_is_the_plain_sum_and_fixed_weighs():
    means = _means(1.0, 2.0, 4.0)
    assert float(sum(EqualBalance(NAMES)(means).values())) == 7.0
    fixed = BalanceConfig(kind="fixed", weights={"mask": 0.5}).build(NAMES)
    assert isinstance(fixed, FixedBalance)
    assert float(sum(fixed(means).values())) == 6.0
    assert not list(fixed.parameters())


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"kind": "fixed", "weights": {"maks": 1.0}}, "did you mean 'mask'"),
        ({"kind": "fixed", "weights": {"mask": -1.0}}, "mask = -1.0"),
        ({"kind": "equal", "weights": {"mask": 1.0}}, "balance.kind=fixed"),
    ],
)
def test_impossible_weights_are_refused(settings, says):
    with pytest.raises(ConfigError, match=says):
        BalanceConfig.parse(settings).build(NAMES)
