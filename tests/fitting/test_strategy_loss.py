"""A strategy that adds a loss of its own to those of the tasks."""

import json

import pytest
import torch

from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from polyclinic.tasks import Loss
from polyclinic.training.strategy import Supervised
from tests.recipes.toy import Toy

SETTINGS = {
    "data": {"split": (0.5, 0.25, 0.25)},
    "train": {"steps": 2, "log_every": 1, "checkpoint_every": 1},
}
TOY = "tests.recipes.toy:Toy"


class Consistent(Supervised):
    """Owns a parameter and a loss, which some batches lack."""

    def __init__(self):
        super().__init__()
        self.own = torch.nn.Parameter(torch.ones(()))

    def loss_names(self, network):
        return (*super().loss_names(network), "consistency")

    def forward(self, network, batch):
        return super().forward(network, batch) | {
            "consistency": Loss(3 * self.own**2, torch.ones(()))
        }


@pytest.fixture(autouse=True)
def consistent(monkeypatch):
    monkeypatch.setattr(Toy, "strategy", lambda self, config: Consistent())


@pytest.mark.parametrize(
    ("balance", "share"),
    [
        ({"kind": "uncertainty"}, 0.5),
        ({"kind": "equal"}, 1.0),
        ({"kind": "fixed", "weights": {"consistency": 0.25}}, 0.25),
    ],
)
def test_every_balance_knows_it(phantoms, tmp_path, balance, share):
    fitted = fit(TOY, phantoms, tmp_path / "run", SETTINGS | {"balance": balance})
    first, *_ = (tmp_path / "run" / "log.jsonl").read_text().splitlines()
    logged = json.loads(first)["losses"]["consistency"]
    assert logged["raw"] == pytest.approx(3)
    assert logged["weighted"] == pytest.approx(3 * share)
    assert fitted.result.steps == 2


def test_a_weight_of_no_loss_is_refused_before_there_is_a_folder(phantoms, tmp_path):
    balance = {"kind": "fixed", "weights": {"consistence": 1.0}}
    with pytest.raises(ConfigError, match=r"'consistence'.*'consistency'"):
        fit(TOY, phantoms, tmp_path / "run", SETTINGS | {"balance": balance})
    assert not (tmp_path / "run").exists()


def test_a_strategy_may_not_take_the_name_of_a_task(phantoms, tmp_path, monkeypatch):
    monkeypatch.setattr(Consistent, "loss_names", lambda self, network: 2 * network.loss_names)
    with pytest.raises(ConfigError, match="two losses share a name"):
        fit(TOY, phantoms, tmp_path / "run", SETTINGS)
    assert not (tmp_path / "run").exists()
