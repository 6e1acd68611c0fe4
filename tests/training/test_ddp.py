"""Two processes do what one does on the same global batch."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from polyclinic.training.journal import Journal
from polyclinic.training.order import Order
from polyclinic.training.tensor_file import read_tensors
from tests.training.toy import WITHOUT_BATCH_NORM, toy_network, train_toy

ROOT = Path(__file__).parents[2]


def test_two_processes_equal_one(tmp_path):
    subprocess.run(
        [sys.executable, "-m", "tests.training.two_processes", str(tmp_path / "two")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src"), "OMP_NUM_THREADS": "1"},
        check=True,
        timeout=240,
    )
    assert read_tensors(tmp_path / "two/state.safetensors")[1]["processes"] == 2
    train_toy(tmp_path / "one", ema=0.9, network=toy_network(**WITHOUT_BATCH_NORM))

    two, one = (Journal(tmp_path / name / "log.jsonl").read() for name in ("two", "one"))
    assert [r["step"] for r in two] == [r["step"] for r in one]
    for mine, theirs in zip(two, one, strict=True):
        assert mine["loss"] == pytest.approx(theirs["loss"], rel=1e-6, abs=1e-7)
        assert mine["losses"].keys() == theirs["losses"].keys()
    mine, theirs = (read_tensors(tmp_path / n / "state.safetensors")[0] for n in ("two", "one"))
    assert "module/balance.log_variance.side" in mine
    for name in theirs:
        torch.testing.assert_close(mine[name], theirs[name], rtol=1e-6, atol=1e-6)


def test_the_toy_has_losses_that_one_process_lacks():
    lacking = 0
    for step in range(12):
        known = [
            any(p.row % 3 == 0 for p in Order(range(20), 4, 3, rank=r, world=2).batch(step))
            for r in (0, 1)
        ]
        lacking += known[0] != known[1]
    assert lacking
