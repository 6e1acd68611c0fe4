from __future__ import annotations

import subprocess
import sys

import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.training import RunDirectory, TrainConfig, run_directory

CONFIG = TrainConfig(steps=3)


def test_settings_weights_state_and_log_come_back(tmp_path):
    run = RunDirectory.start(tmp_path / "run", CONFIG, resume=False)
    run.save_model({"w": torch.ones(2)}, {"classes": ["a"]})
    run.save_state({"w": torch.zeros(2)}, {"step": 1})
    run.log({"step": 1, "loss": 0.5})
    run.write_json("split.json", {"train": [1]})
    again = RunDirectory.existing(tmp_path / "run")
    assert TrainConfig.parse(again.config()) == CONFIG
    assert again.load_model()[1] == {"classes": ["a"]}
    assert again.load_state()[1] == {"step": 1}
    assert again.read_log() == [{"step": 1, "loss": 0.5}]
    assert not [f for f in (tmp_path / "run").iterdir() if f.suffix in {".pt", ".pkl", ".writing"}]


def test_a_run_is_not_overwritten_unasked(tmp_path):
    RunDirectory.start(tmp_path, CONFIG, resume=False)
    with pytest.raises(RunError, match="--resume"):
        RunDirectory.start(tmp_path, CONFIG, resume=False)


def test_a_resume_with_other_settings_names_them(tmp_path):
    RunDirectory.start(tmp_path, CONFIG, resume=False)
    other = CONFIG.model_copy(update={"lr": 1.0, "batch_size": 2})
    with pytest.raises(RunError, match="in batch_size, lr"):
        RunDirectory.start(tmp_path, other, resume=True)


def test_a_resume_without_a_run_starts_one(tmp_path):
    run = RunDirectory.start(tmp_path / "new", CONFIG, resume=True)
    assert run.load_state() is None


def test_one_writer_at_a_time(tmp_path, monkeypatch):
    monkeypatch.setattr(run_directory, "LOCK_PATIENCE", 0.1)
    holder = RunDirectory.start(tmp_path, CONFIG, resume=False)
    with pytest.raises(RunError, match="another process"):
        RunDirectory.start(tmp_path, CONFIG, resume=True)
    del holder
    RunDirectory.start(tmp_path, CONFIG, resume=True)


def test_a_killed_writer_leaves_no_lock(tmp_path):
    # A grandchild: this process, when it had run many other tests, went down with a killed child.
    code = (
        "import os, signal, sys\n"
        "from filelock import FileLock\n"
        "if (writer := os.fork()) == 0:\n"
        "    FileLock(sys.argv[1]).acquire()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "_, status = os.waitpid(writer, 0)\n"
        "sys.exit(os.WTERMSIG(status) != signal.SIGKILL)\n"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / ".lock")], check=True)
    RunDirectory.start(tmp_path, CONFIG, resume=False)


def test_a_checkpoint_of_another_version_is_refused(tmp_path, monkeypatch):
    run = RunDirectory.start(tmp_path, CONFIG, resume=False)
    run.save_state({"w": torch.zeros(2)}, {"step": 1})
    monkeypatch.setattr(run_directory, "STATE_FORMAT", 99)
    with pytest.raises(RunError, match="another version of polyclinic"):
        run.load_state()


def test_other_places_are_refused(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RunError, match="is a file"):
        RunDirectory.start(tmp_path / "file", CONFIG, resume=False)
    with pytest.raises(RunError, match="is not a run"):
        RunDirectory.existing(tmp_path)


def test_only_the_first_process_writes(tmp_path, monkeypatch):
    run = RunDirectory.start(tmp_path, CONFIG, resume=False)
    monkeypatch.setattr("lightning_fabric.utilities.rank_zero.rank_zero_only.rank", 1)
    before = sorted(tmp_path.iterdir())
    beside = RunDirectory.start(tmp_path, CONFIG, resume=False)
    for one in (run, beside):
        one.log({"step": 1})
        one.save_model({}, {})
        one.save_state({}, {})
        one.write_json("metrics.json", {})
        one.forget_log_after(0)
    assert sorted(tmp_path.iterdir()) == before


def test_the_log_forgets_later_steps_and_half_lines(tmp_path):
    run = RunDirectory.start(tmp_path, CONFIG, resume=False)
    for step in range(1, 6):
        run.log({"step": step, "loss": 1 / step})
    with (tmp_path / "log.jsonl").open("a") as file:
        file.write('{"step": 6, "lo')
    assert [r["step"] for r in run.read_log()] == [1, 2, 3, 4, 5]
    run.forget_log_after(3)
    run.log({"step": 4, "loss": 0.3})
    assert [r["step"] for r in run.read_log()] == [1, 2, 3, 4]
    assert run.read_log()[2]["loss"] == 1 / 3
