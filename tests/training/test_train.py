from __future__ import annotations

import math
import re
import time
from io import StringIO

import pytest
import timm
import torch
from rich.console import Console
from torch import nn

from polyclinic.errors import DataError, TrainingError
from polyclinic.tasks import Loss, Network
from polyclinic.training.journal import Journal
from polyclinic.training.tensor_file import read_tensors
from tests.training.toy import Brightness, NoPyramid, load_toy, toy_network, train_toy


def _log(folder):
    return [r for r in Journal(folder / "log.jsonl").read() if "loss" in r]


def test_training_lowers_every_loss(tmp_path):
    train_toy(tmp_path, network=toy_network(dropout=0.0), steps=150, log_every=10, lr=0.02)
    first, *_, last = _log(tmp_path)
    assert last["losses"]["level"]["raw"] < 0.3 * first["losses"]["level"]["raw"]
    assert last["losses"]["side"]["raw"] < 0.8 * first["losses"]["side"]["raw"]


def test_a_log_line_says_what_happened(tmp_path):
    train_toy(tmp_path, steps=8, log_every=4)
    record = _log(tmp_path)[-1]
    assert record["step"] == 8
    assert record["epoch"] == 8 * 4 / 20
    assert 0 <= record["waiting_share"] <= 1
    assert record["images_per_s"] > 0
    assert record["precision"] == "fp32"
    weighted = [loss["weighted"] for loss in record["losses"].values()]
    assert record["loss"] == pytest.approx(sum(weighted), rel=0.5)
    for loss in record["losses"].values():
        assert loss["sigma"] == pytest.approx(math.exp(loss["s"] / 2))


def test_the_best_weights_are_kept(tmp_path):
    scores = iter([0.1, 0.9, math.nan, 0.3])
    seen = []

    def evaluate(network):
        assert not network.training
        assert not torch.is_grad_enabled()
        seen.append({k: v.clone() for k, v in network.state_dict().items()})
        return next(scores)

    network = toy_network()
    result = train_toy(tmp_path, network=network, evaluate=evaluate, evaluate_every=3)
    assert result.best_score == 0.9
    kept, said = read_tensors(tmp_path / "model.safetensors")
    assert (said["step"], said["score"], said["classes"]) == (6, 0.9, ["toy"])
    assert all(torch.equal(kept[k], seen[1][k]) for k in kept)
    assert not all(torch.equal(seen[3][k], seen[1][k]) for k in kept)
    assert all(torch.equal(network.state_dict()[k], seen[3][k]) for k in kept)
    logged = [r["score"] for r in Journal(tmp_path / "log.jsonl").read() if "score" in r]
    assert logged == [0.1, 0.9, None, 0.3]


def test_without_an_evaluation_the_last_weights_are_kept(tmp_path):
    network = toy_network()
    result = train_toy(tmp_path, network=network)
    kept, _ = read_tensors(tmp_path / "model.safetensors")
    assert result.best_score is None
    assert all(torch.equal(kept[k], v) for k, v in network.state_dict().items())


def test_while_nothing_can_be_computed_the_last_weights_are_kept(tmp_path):
    network, said = toy_network(), StringIO()
    result = train_toy(
        tmp_path,
        network=network,
        evaluate=lambda network: math.nan,
        evaluate_every=3,
        console=Console(file=said, width=200),
    )
    kept, described = read_tensors(tmp_path / "model.safetensors")
    assert (result.best_score, described["score"], described["kept"]) == (None, None, "last")
    assert described["step"] == 12
    assert all(torch.equal(kept[k], v) for k, v in network.state_dict().items())
    assert "the last weights are kept" in said.getvalue()


def test_a_time_budget_ends_annealed(tmp_path):
    def slow(row, key):
        time.sleep(0.01)
        return load_toy(row, key)

    result = train_toy(
        tmp_path, load_encoded=slow, steps=1_000_000, max_minutes=0.04, checkpoint_every=10_000
    )
    log = _log(tmp_path)
    assert 4 < result.steps < 1_000
    assert 2.4 <= result.seconds < 10
    assert log[-1]["lr"] < 0.2 * max(r["lr"] for r in log)
    assert (tmp_path / "model.safetensors").exists()


def test_a_budget_without_steps_decides_alone(tmp_path):
    said = StringIO()
    result = train_toy(
        tmp_path, steps=None, max_minutes=0.01, console=Console(file=said, width=200)
    )
    assert result.steps > 12
    assert result.seconds >= 0.3
    assert "training for 0.01 min" in said.getvalue()


def test_a_budget_holds_its_last_evaluation(tmp_path):
    def evaluate(network):
        time.sleep(0.6)
        return 0.0

    budget = {"steps": None, "max_minutes": 0.04, "evaluate_every": 100_000}
    result = train_toy(tmp_path, evaluate=evaluate, checkpoint_every=100_000, **budget)
    scores = [r for r in Journal(tmp_path / "log.jsonl").read() if "score" in r]
    assert len(scores) == 2
    assert scores[0]["step"] < scores[1]["step"] == result.steps


def test_a_budget_that_ends_before_the_steps_is_said(tmp_path):
    said = StringIO()
    result = train_toy(
        tmp_path, steps=1_000_000, max_minutes=0.005, console=Console(file=said, width=200)
    )
    assert "1000000 steps or 0.005 min, whichever comes first" in said.getvalue()
    assert f"ended after {result.steps} of 1000000 steps" in said.getvalue()


class Breaking(Brightness):
    """Its loss is not a number where two images of a batch tell their side."""

    def losses(self, scene, targets):
        losses = super().losses(scene, targets)
        broken = torch.stack([t["known"] for t in targets]).sum() == 2
        level = losses["level"]
        total = torch.where(broken, level.total * math.nan, level.total)
        return losses | {"level": Loss(total, level.count)}


def test_a_loss_that_is_not_a_number_stops_and_keeps_the_batch(tmp_path):
    network = Network(toy_network().encoder, NoPyramid(), [Breaking(8)])
    with pytest.raises(TrainingError, match="level = nan") as caught:
        train_toy(tmp_path, network=network)
    [file] = (tmp_path / "nan_batch").glob("*.safetensors")
    tensors, said = read_tensors(file)
    assert str(file) in str(caught.value)
    assert ", ".join(said["names"]) in str(caught.value)
    assert tensors["images"].shape == (4, 3, 32, 32)
    assert sum(tensors[f"targets/brightness/{row}/known"].item() for row in range(4)) == 2
    assert said["values"]["raw level"] == "nan"
    rebuilt = [load_toy(int(n[4:-4]), k) for n, k in zip(said["names"], said["keys"], strict=True)]
    assert torch.equal(tensors["images"][2, :, :16, :16], rebuilt[2].image)


def test_the_end_says_how_long_the_network_waited(tmp_path):
    out = StringIO()
    train_toy(tmp_path, console=Console(file=out, width=200))
    assert re.search(r"computed in fp32; \d+\.\d% of the time waiting", out.getvalue())


def test_nothing_to_train_on_is_said(tmp_path):
    with pytest.raises(DataError, match="no image"):
        train_toy(tmp_path, indices=[])


def test_a_batch_with_nothing_annotated_changes_nothing(tmp_path):
    class Unannotated(Brightness):
        def losses(self, scene, targets):
            return {}

    network = Network(toy_network(group_norm=True).encoder, NoPyramid(), [Unannotated(8)])
    before = {k: v.clone() for k, v in network.state_dict().items()}
    result = train_toy(tmp_path, network=network)
    assert result.final_losses == {}
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


class Convolution(nn.Conv2d):
    def __init__(self):
        super().__init__(3, 8, 3)

    def forward(self, images):
        return [super().forward(images)]


class Watching(Brightness):
    """Notes the types that reach a task."""

    seen: set[torch.dtype]

    def losses(self, scene, targets):
        self.seen = {scene.maps[0].dtype, targets[0]["level"].dtype}
        return super().losses(scene, targets)


def test_bfloat16_rounds_features_and_leaves_targets_alone(tmp_path):
    task = Watching(8)
    network = Network(Convolution(), NoPyramid(), [task])
    train_toy(tmp_path, network=network, precision="bf16", steps=2)
    assert task.seen == {torch.bfloat16, torch.float32}
    assert all(v.dtype == torch.float32 for v in network.parameters())


@pytest.mark.parametrize("channels_last", [False, True])
def test_a_residual_network_trains_in_bfloat16(tmp_path, channels_last):
    torch.manual_seed(0)
    encoder = timm.create_model("resnet10t", features_only=True, out_indices=(2,))
    channels = encoder.feature_info.channels()[-1]
    result = train_toy(
        tmp_path,
        network=Network(encoder, NoPyramid(), [Brightness(channels)]),
        precision="bf16",
        channels_last=channels_last,
        steps=4,
        clip_norm=None,
    )
    assert all(map(math.isfinite, result.final_losses.values()))
