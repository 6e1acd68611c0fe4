"""Runs of earlier formats load, read as they did, and are gone on with.

Where this fails after a change of the settings, the change needs a migration in
`polyclinic.run_format`; the stored runs stay as they are.
"""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from polyclinic.runs.load import recipe_of
from polyclinic.training.run_directory import RunDirectory
from tests.runs.make_stored_runs import DATA, STORED, said, train

ARCHIVES = sorted(STORED.glob("*.tar.xz"))
APART = 1e-3
"""How far numbers may lie apart on another CPU: sums in another order."""


@pytest.fixture(params=ARCHIVES, ids=lambda one: one.name.partition(".")[0])
def stored(request, tmp_path):
    """Name of the recipe, its cohort and its run."""
    shutil.unpack_archive(request.param, tmp_path, filter="data")
    recipe = request.param.name.partition("-")[0]
    return recipe, tmp_path / "data" / DATA[recipe], tmp_path / "run"


def test_there_is_a_run_of_each_recipe():
    assert {one.name.partition("-")[0] for one in ARCHIVES} == set(DATA)


def networks(run: Path):
    return [file.parent for file in sorted(run.rglob("config.yaml"))]


def test_it_reads_as_it_did(stored):
    _, data, run = stored
    now, then = said(run, data), json.loads((run.parent / "said.json").read_text("utf-8"))
    assert now["findings"].keys() == then["findings"].keys()
    for task, values in then["findings"].items():
        assert now["findings"][task] == pytest.approx(values, abs=APART)
    assert now["quality"] == pytest.approx(then["quality"], abs=APART)
    assert now["best"] == pytest.approx(then["best"], abs=APART)
    assert now["maps"].keys() == then["maps"].keys()
    for name, numbers in then["maps"].items():
        assert now["maps"][name] == pytest.approx(numbers, rel=APART, abs=APART)


def test_every_setting_of_today_is_stated(stored):
    """A key without a migration would mean today's default, whatever the run was trained with."""
    _, _, run = stored
    for folder in networks(run):
        directory = RunDirectory.existing(folder)
        _, config = recipe_of(directory)
        assert keys(directory.config()) == keys(config.model_dump(mode="json"))


def keys(values, before=""):
    if not isinstance(values, dict):
        return {before}
    return {key for name, one in values.items() for key in keys(one, f"{before}.{name}")}


def test_it_is_gone_on_with(stored):
    recipe, data, run = stored
    states = [RunDirectory(one).load_state() for one in networks(run)]
    begun = [state[1]["step"] for state in states if state is not None]
    assert begun
    assert set(begun) == {1}
    train(recipe, data, run, resume=True)
    last = [RunDirectory(one).load_state() for one in networks(run)]
    assert last[-1] is None or last[-1][1]["step"] in (1, 2)
    assert any(state is not None and state[1]["step"] == 2 for state in last)
