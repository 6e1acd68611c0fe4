"""A killed `polyclinic fit` goes on where it stopped, with the same bits at the end."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest
from safetensors.numpy import load_file

SETTINGS = {
    "data.frame.longest": 128,
    "model.encoder": "test_resnet",
    "model.pyramid_channels": 16,
    "train.steps": 14,
    "train.max_minutes": "null",
    "train.batch_size": 2,
    "train.warmup_steps": 2,
    "train.checkpoint_every": 3,
    "train.evaluate_every": 7,
    "train.log_every": 1,
}


def command(data, out, *more):
    settings = [part for k, v in SETTINGS.items() for part in ("--set", f"{k}={v}")]
    return [
        *(sys.executable, "-m", "polyclinic", "fit", "nailfold"),
        *("--data", str(data), "--out", str(out), *settings, *more),
    ]


def losses(run):
    rows = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    return [(row["step"], row.get("loss"), row.get("losses"), row.get("score")) for row in rows]


@pytest.mark.slow
def test_killed_and_resumed_equals_uninterrupted(phantoms, tmp_path):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    subprocess.run(command(phantoms, whole), env=environment, check=True)
    process = subprocess.Popen(command(phantoms, killed), env=environment)
    state = killed / "state.json"
    deadline = time.monotonic() + 200
    while process.poll() is None and time.monotonic() < deadline:
        if state.exists() and json.loads(state.read_text())["step"] >= 6:
            break
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    subprocess.run(command(phantoms, killed, "--resume"), env=environment, check=True)
    for name in ("model.safetensors", "state.safetensors"):
        mine, theirs = load_file(whole / name), load_file(killed / name)
        assert mine.keys() == theirs.keys()
        # Bits, not values: the file's header alone differs, by the time of training.
        assert all(mine[key].tobytes() == theirs[key].tobytes() for key in mine)
    assert (whole / "split.json").read_bytes() == (killed / "split.json").read_bytes()
    assert losses(whole) == losses(killed)
