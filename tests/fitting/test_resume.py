"""A resumed training goes on with the settings that were in force."""

from __future__ import annotations

import pytest

from polyclinic.errors import ConfigError
from polyclinic.fitting.resume import resolve, stage_settings
from polyclinic.recipes.diagnose import Diagnose
from polyclinic.training.run_directory import RunDirectory


@pytest.fixture
def begun(tmp_path):
    """A run whose settings were stated, or defaults of another time."""
    config = Diagnose().resolve({"seed": 5, "train": {"lr": 0.125}}, "diagnose")
    RunDirectory.start(tmp_path / "run", config, resume=False)
    return tmp_path / "run", config


def test_what_nobody_states_stays_as_it_was(begun):
    run, config = begun
    assert resolve(Diagnose(), {}, "diagnose", run, resume=True) == config
    assert resolve(Diagnose(), {"preset": "small"}, "diagnose", run, resume=True) == config
    assert stage_settings(Diagnose(), Diagnose().resolve({}), run, resume=True) == config


def test_what_is_stated_is_taken(begun):
    run, config = begun
    other = resolve(Diagnose(), {"seed": 6}, "diagnose", run, resume=True)
    assert other == config.model_copy(update={"seed": 6})  # the run directory refuses it


def test_a_run_that_begins_has_todays_defaults(begun, tmp_path):
    run, _ = begun
    today = Diagnose().resolve({}, "diagnose")
    assert resolve(Diagnose(), {}, "diagnose", tmp_path / "new", resume=True) == today
    assert resolve(Diagnose(), {}, "diagnose", run, resume=False) == today


def test_a_misspelt_key_is_named(begun):
    with pytest.raises(ConfigError, match="sed"):
        resolve(Diagnose(), {"sed": 1}, "diagnose", begun[0], resume=True)
