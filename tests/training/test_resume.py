"""A killed training, resumed, ends with the bits of one that was never stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from polyclinic.training.journal import Journal
from polyclinic.training.tensor_file import read_tensors
from tests.training.toy import LONG, train_toy

ROOT = Path(__file__).parents[2]


def _kill_after(step: int, folder: Path, workers: int) -> None:
    """Start a training and kill it once it has logged a step."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.training.slow_run", str(folder), str(workers)],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    journal = Journal(folder / "log.jsonl")
    deadline = time.monotonic() + 120
    try:
        while not any(record["step"] >= step for record in journal.read()):
            assert process.poll() is None, "the training ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.02)
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def _losses(folder: Path) -> list[tuple]:
    return [(r["step"], r["loss"], r["losses"]) for r in Journal(folder / "log.jsonl").read()]


@pytest.mark.parametrize("workers", [0, pytest.param(2, marks=pytest.mark.slow)])
def test_a_killed_run_resumes_bit_by_bit(tmp_path, workers):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    _kill_after(16, killed, workers)
    _, state = read_tensors(killed / "state.safetensors")
    assert 12 <= state["step"] < 40
    assert state["step"] * 4 % 20 != 0, "the checkpoint must lie inside an epoch"

    resumed = train_toy(killed, resume=True, workers=workers, **LONG)
    straight = train_toy(whole, workers=workers, **LONG)

    assert resumed.final_losses == straight.final_losses
    assert _losses(killed) == _losses(whole)
    for file in ("model.safetensors", "state.safetensors"):
        mine, theirs = (read_tensors(folder / file)[0] for folder in (killed, whole))
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


def test_workers_change_nothing(tmp_path):
    alone = train_toy(tmp_path / "alone", workers=0, steps=6)
    helped = train_toy(tmp_path / "helped", workers=2, steps=6)
    assert alone.final_losses == helped.final_losses


def test_another_seed_changes_the_result(tmp_path):
    one = train_toy(tmp_path / "one", steps=4)
    other = train_toy(tmp_path / "other", steps=4, seed=4)
    assert one.final_losses != other.final_losses


def test_a_finished_run_is_left_as_it_is(tmp_path):
    first = train_toy(tmp_path / "run")
    weights = (tmp_path / "run/model.safetensors").read_bytes()
    again = train_toy(tmp_path / "run", resume=True)
    assert again.steps == first.steps
    assert again.final_losses == first.final_losses
    assert (tmp_path / "run/model.safetensors").read_bytes() == weights


def test_random_draws_of_an_evaluation_change_nothing(tmp_path):
    def draws(network):
        torch.rand(7)
        return 0.0

    quiet = train_toy(tmp_path / "quiet", evaluate=lambda network: 0.0, evaluate_every=2)
    noisy = train_toy(tmp_path / "noisy", evaluate=draws, evaluate_every=2)
    assert quiet.final_losses == noisy.final_losses


def test_a_resumed_run_stays_in_its_precision(tmp_path, monkeypatch):
    def dies(network):
        raise KeyboardInterrupt

    settings = {"precision": "auto", "steps": 10, "checkpoint_every": 5, "evaluate_every": 7}
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: True)
    with pytest.raises(KeyboardInterrupt):
        train_toy(tmp_path, evaluate=dies, **settings)
    monkeypatch.setattr("torch.cpu._is_avx512_bf16_supported", lambda: False)
    train_toy(tmp_path, resume=True, **settings)
    said = [record["precision"] for record in Journal(tmp_path / "log.jsonl").read()]
    assert said == ["bf16"] * 10


def test_a_budget_that_is_spent_is_not_spent_again(tmp_path):
    budget = {"steps": None, "max_minutes": 0.01}
    first = train_toy(tmp_path, **budget)
    again = train_toy(tmp_path, **budget, resume=True)
    assert again.steps == first.steps > 1
