from __future__ import annotations

import pytest
import torch

from polyclinic.errors import TrainingError
from polyclinic.tasks import Loss, collate
from polyclinic.training import BalanceConfig, Strategy, Supervised
from polyclinic.training.objective import Objective, Sealed
from tests.training.toy import load_toy, toy_network


class Canned(Strategy):
    """Returns the given losses."""

    def __init__(self, losses, names=("level", "side")):
        super().__init__()
        self.losses, self.names = losses, names

    def loss_names(self, network):
        return self.names

    def forward(self, network, batch):
        return self.losses


def _sealed(rows=(0, 1, 2)):
    return Sealed(collate([load_toy(row, row) for row in rows]))


def _objective(strategy, kind="equal"):
    balance = BalanceConfig(kind=kind).build(strategy.loss_names(toy_network()))
    return Objective(toy_network(), strategy, balance)


def _loss(total, count):
    return Loss(torch.tensor(total, requires_grad=True), torch.tensor(count))


def test_means_are_sums_over_counts():
    outcome = _objective(Canned({"level": _loss(6.0, 3), "side": _loss(1.0, 4)}))(_sealed())
    assert {n: v.item() for n, v in outcome.means.items()} == {"level": 2.0, "side": 0.25}
    assert outcome.objective.item() == 2.25


def test_a_loss_without_terms_is_absent():
    outcome = _objective(Canned({"level": _loss(6.0, 3), "side": _loss(0.0, 0)}))(_sealed())
    assert outcome.means.keys() == {"level"}
    assert outcome.objective.item() == 2.0


def test_a_batch_without_any_loss_has_a_gradient_of_zero():
    objective = _objective(Canned({}))
    outcome = objective(_sealed())
    outcome.objective.backward()
    assert not outcome.means
    assert all(p.grad is None or not p.grad.any() for p in objective.parameters())


def test_undeclared_losses_are_refused():
    with pytest.raises(TrainingError, match="did you mean 'level'"):
        _objective(Canned({"leve": _loss(1.0, 1)}))(_sealed())


def test_two_losses_of_one_name_are_refused():
    with pytest.raises(TrainingError, match="share a name"):
        Objective(toy_network(), Canned({}, ("a", "a")), BalanceConfig().build(("a",)))


def test_the_heads_of_an_absent_loss_get_no_gradient():
    objective = _objective(Supervised(), "uncertainty")
    objective(_sealed((1, 2))).objective.backward()
    task = objective.network.task_list[0]
    assert task.side.weight.grad is None
    assert objective.balance.log_variance["side"].grad is None
    assert task.level.weight.grad is not None
