"""A resumed run asks for the run that it was started from only where it still takes something."""

import gc
import shutil

import pytest
import torch

from polyclinic.errors import RunError
from polyclinic.fitting.fit import fit
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.training.tensor_file import read_tensors
from tests.recipes.test_staged import RECIPE as STAGED
from tests.recipes.test_staged import SETTINGS as PLAIN
from tests.recipes.test_staged import STEPS, assert_same_run, kill_at_step

TOY = "tests.recipes.toy:Toy"


@pytest.fixture
def start(phantoms, tmp_path):
    """A copy of a finished run to start from, which may be deleted."""
    fit(TOY, phantoms, tmp_path / "start", PLAIN)
    gc.collect()
    return tmp_path / "start"


def settings(monkeypatch, start):
    """As used by `kill_at_step` too."""
    given = PLAIN | {"init": start}
    monkeypatch.setattr("tests.recipes.test_staged.SETTINGS", given)
    return given


def test_a_killed_run_goes_on_without_it_and_ends_the_same(phantoms, tmp_path, monkeypatch, start):
    given = settings(monkeypatch, start)
    fit(TOY, phantoms, tmp_path / "whole", given)
    monkeypatch.setattr("tests.recipes.test_staged.RECIPE", TOY)
    kill_at_step(STEPS, monkeypatch, phantoms, tmp_path / "killed")
    shutil.rmtree(start)
    fit(TOY, phantoms, tmp_path / "killed", given, resume=True)
    one, other = (
        read_tensors(tmp_path / run / "model.safetensors")[0] for run in ("whole", "killed")
    )
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_one_without_a_checkpoint_says_what_is_missing(phantoms, tmp_path, monkeypatch, start):
    given = settings(monkeypatch, start)
    monkeypatch.setattr("tests.recipes.test_staged.RECIPE", TOY)
    kill_at_step(1, monkeypatch, phantoms, tmp_path / "killed")
    start.rename(tmp_path / "moved")
    with pytest.raises(RunError, match=r"init=.*is not a run"):
        fit(TOY, phantoms, tmp_path / "killed", given, resume=True)
    gc.collect()
    (tmp_path / "moved").rename(start)
    assert fit(TOY, phantoms, tmp_path / "killed", given, resume=True).result.steps == STEPS


def test_stages_go_on_without_it(phantoms, tmp_path, monkeypatch, start):
    given = settings(monkeypatch, start)
    fit(STAGED, phantoms, tmp_path / "whole", given)
    kill_at_step(2 * STEPS, monkeypatch, phantoms, tmp_path / "killed")
    shutil.rmtree(start)
    fit(STAGED, phantoms, tmp_path / "killed", given, resume=True)
    assert_same_run(tmp_path / "whole", tmp_path / "killed")


def test_finished_folds_don_t_ask_for_it(phantoms, tmp_path, start):
    given = PLAIN | {"init": start, "data": {}}
    fit_folds(TOY, phantoms, tmp_path / "folds", given, folds=2)
    gc.collect()
    shutil.rmtree(start)
    again = fit_folds(TOY, phantoms, tmp_path / "folds", given, folds=2, resume=True)
    assert all(fold.finished for fold in again.record.folds)
