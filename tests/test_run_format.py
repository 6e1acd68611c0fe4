"""Formats of runs: each migration, the number, and what is refused."""

from __future__ import annotations

import pytest
import torch
import yaml

from polyclinic import run_format
from polyclinic.config import Config
from polyclinic.errors import RunError
from polyclinic.run_format import Migration, added, newest, removed, renamed
from polyclinic.training import RunDirectory, TrainConfig

OLD = {"recipe": "x", "train": {"steps": 3, "speed": 0.1}, "gone": 1}


@pytest.fixture
def later(monkeypatch):
    """Two formats after today's."""
    changes = [
        Migration(settings=[renamed("train.speed", "train.lr"), removed("gone")]),
        Migration(
            settings=[added("train.shuffle", True), added("heads.width", 8), added("seed", 0)],
            model=[renamed("accept", "threshold")],
        ),
    ]
    monkeypatch.setattr(run_format, "MIGRATIONS", [*run_format.MIGRATIONS, *changes])


def written(folder, values):
    (folder / "config.yaml").write_text(yaml.safe_dump(values))
    return RunDirectory.existing(folder)


@pytest.mark.parametrize("number", [{}, {"format": 0}, {"format": 1}])
def test_settings_go_through_all_migrations_since(later, tmp_path, number):
    found = written(tmp_path, number | OLD).config()
    # `heads` is a group that this recipe does not have
    assert found == {"recipe": "x", "train": {"steps": 3, "lr": 0.1, "shuffle": True}, "seed": 0}


def test_what_is_of_today_is_not_migrated(later, tmp_path):
    today = {"recipe": "x", "train": {"lr": 1, "shuffle": False}, "gone": 2}
    assert written(tmp_path, {"format": newest()} | today).config() == today


def test_a_stored_value_stays_where_a_key_is_added(later, tmp_path):
    assert written(tmp_path, {"seed": 7}).config() == {"seed": 7}


def test_the_description_of_weights_is_migrated(tmp_path, monkeypatch, request):
    run = RunDirectory.start(tmp_path, TrainConfig(steps=3), resume=False)
    run.save_model({"w": torch.ones(2)}, {"accept": 0.5})
    assert run.load_model()[1] == {"accept": 0.5}
    request.getfixturevalue("later")
    assert run.load_model()[1] == {"threshold": 0.5}


@pytest.mark.parametrize("number", [99, -1, "one", True, 1.5, None])
def test_unknown_formats_are_refused(tmp_path, number):
    run = written(tmp_path, {"format": number})
    with pytest.raises(RunError, match=rf"format {number}.*format 1" if number == 99 else "format"):
        run.config()


def test_a_newer_model_is_refused_by_both_numbers(tmp_path, monkeypatch):
    run = RunDirectory.start(tmp_path, TrainConfig(steps=3), resume=False)
    run.save_model({"w": torch.ones(2)}, {"format": 7})
    with pytest.raises(RunError, match=r"format 7.*format 1"):
        run.load_model()


@pytest.mark.parametrize("text", ["", "- 1", "a: [", "\0", "x"])
def test_files_that_hold_no_settings_are_refused(tmp_path, text):
    (tmp_path / "config.yaml").write_text(text)
    with pytest.raises(RunError, match=r"config\.yaml"):
        RunDirectory.existing(tmp_path).config()


def test_a_run_of_an_older_format_is_taken_up_and_written_anew(tmp_path, monkeypatch):
    class Now(Config):
        lr: float = 0.5  # a default of today
        shuffle: bool = False

    steps = [renamed("speed", "lr"), added("shuffle", True)]
    monkeypatch.setattr(run_format, "MIGRATIONS", [Migration(settings=steps)])
    written(tmp_path, {"speed": 0.1})
    with pytest.raises(RunError, match=r"differ.*in lr, shuffle"):
        RunDirectory.start(tmp_path, Now(), resume=True)
    RunDirectory.start(tmp_path, Now(lr=0.1, shuffle=True), resume=True)
    stored = yaml.safe_load((tmp_path / "config.yaml").read_text())
    assert stored == {"format": 1, "lr": 0.1, "shuffle": True}
