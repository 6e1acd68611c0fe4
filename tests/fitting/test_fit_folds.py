"""A cross-validation that was killed ends with the bits of one that was not."""

import gc
import json
import shutil
from itertools import count

import pytest
import torch

from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError, RunError
from polyclinic.fitting.fit import fit
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.runs.folds_directory import FOLDS as FOLDS_FILE
from polyclinic.runs.folds_directory import read_record
from polyclinic.training.tensor_file import read_tensors
from tests.recipes.toy import Brightness

TOY = "tests.recipes.toy:Toy"
STEPS, FOLDS = 4, 3
SETTINGS = {"train": {"steps": STEPS, "checkpoint_every": 2, "evaluate_every": 2}}


@pytest.fixture(scope="module")
def whole(phantoms, tmp_path_factory):
    """Folder and splits; a fitted run itself would keep the folder locked."""
    out = tmp_path_factory.mktemp("folds") / "whole"
    return out, fit_folds(TOY, phantoms, out, SETTINGS, folds=FOLDS).splits


def kill_at_step(step, monkeypatch, data, out):
    """Interrupt a cross-validation in its n-th training step, counted over all folds."""
    steps, losses = count(1), Brightness.losses

    def interrupted(self, scene, targets):
        if next(steps) == step:
            raise KeyboardInterrupt
        return losses(self, scene, targets)

    with monkeypatch.context() as patch:
        patch.setattr(Brightness, "losses", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit_folds(TOY, data, out, SETTINGS, folds=FOLDS)
    gc.collect()  # A killed process lets go of its folder; this one does when nobody holds it.


def weights(out):
    return [read_tensors(out / f"fold-{k}" / "model.safetensors")[0] for k in range(1, FOLDS + 1)]


@pytest.mark.parametrize(
    ("step", "finished"),
    [
        pytest.param(STEPS + 1, 1, id="between two"),
        pytest.param(2 * STEPS - 1, 1, id="inside the second"),
    ],
)
def test_killed_and_resumed_equals_uninterrupted(
    whole, phantoms, tmp_path, monkeypatch, step, finished
):
    out = tmp_path / "killed"
    kill_at_step(step, monkeypatch, phantoms, out)
    states = read_record(out).folds
    assert [state.finished for state in states] == [k < finished for k in range(FOLDS)]
    fit_folds(TOY, phantoms, out, SETTINGS, folds=FOLDS, resume=True)
    assert not read_record(out).unfinished
    for mine, theirs in zip(weights(out), weights(whole[0]), strict=True):
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)
    for name in ("fold-1/split.json", "fold-3/split.json"):
        assert (
            json.loads((out / name).read_text())["image_ids"]
            == (json.loads((whole[0] / name).read_text())["image_ids"])
        )


def test_folds_are_apart_by_patient_and_hold_each_image_once(whole, phantoms):
    cohort, (_, splits) = open_cohort(phantoms), whole
    tested = [row for split in splits for row in split.test]
    assert sorted(tested) == list(range(len(cohort)))
    for split in splits:
        people = [{cohort.samples[row].patient_id for row in rows} for rows in split.parts.values()]
        assert sum(map(len, people)) == len(set.union(*people))
        assert split.train
        assert split.val


def test_folds_start_from_seeds_of_their_own(whole):
    runs = [whole[0] / f"fold-{k}" / "config.yaml" for k in range(1, FOLDS + 1)]
    assert [f"seed: {k}" in run.read_text() for k, run in enumerate(runs)] == [True] * FOLDS


def test_a_finished_fold_is_left_as_it_is(whole, phantoms):
    before = {file: file.stat().st_mtime_ns for file in whole[0].rglob("*.safetensors")}
    assert len(before) == 2 * FOLDS
    fit_folds(TOY, phantoms, whole[0], SETTINGS, folds=FOLDS, resume=True)
    assert {file: file.stat().st_mtime_ns for file in before} == before


def test_a_folder_is_not_mixed_up(phantoms, tmp_path):
    single, crossed = tmp_path / "single", tmp_path / "crossed"
    short = {"train": {"steps": 1}}
    fit(TOY, phantoms, single, short)
    fit_folds(TOY, phantoms, crossed, short, folds=2)
    gc.collect()
    for settings, folds, why in (
        (short, 3, "with 2 folds, not 3"),
        ({"train": {"steps": 2}}, 2, r"train\.steps"),
    ):
        with pytest.raises(RunError, match=why):
            fit_folds(TOY, phantoms, crossed, settings, folds=folds, resume=True)
        gc.collect()
    with pytest.raises(RunError, match="--resume"):
        fit_folds(TOY, phantoms, crossed, short, folds=2)
    gc.collect()
    with pytest.raises(RunError, match="cross-validation"):
        fit(TOY, phantoms, crossed, short, resume=True)
    with pytest.raises(RunError, match="ordinary run"):
        fit_folds(TOY, phantoms, single, short, folds=2, resume=True)
    (crossed / FOLDS_FILE).unlink()
    with pytest.raises(RunError, match="trained folds"):
        fit_folds(TOY, phantoms, crossed, short, folds=3, resume=True)


def test_killed_before_the_first_fold(phantoms, tmp_path):
    out, short = tmp_path / "run", {"train": {"steps": 1}}
    fit_folds(TOY, phantoms, out, short, folds=2)
    gc.collect()
    (out / FOLDS_FILE).unlink()
    for fold in ("fold-1", "fold-2"):
        shutil.rmtree(out / fold)
    fit_folds(TOY, phantoms, out, short, folds=2, resume=True)
    assert not read_record(out).unfinished


def test_other_data_and_a_given_split_are_refused(phantoms, tmp_path):
    out, short = tmp_path / "run", {"train": {"steps": 1}}
    fit_folds(TOY, phantoms, out, short, folds=2)
    gc.collect()
    changed = json.loads(phantoms.read_text())
    changed["annotations"].pop()
    other = phantoms.with_name("other.json")
    other.write_text(json.dumps(changed))
    try:
        with pytest.raises(RunError, match="other annotations"):
            fit_folds(TOY, other, out, short, folds=2, resume=True)
    finally:
        other.unlink()
    given = short | {"data": {"split": "file"}}
    with pytest.raises(ConfigError, match="--folds"):
        fit_folds(TOY, phantoms, tmp_path / "given", given, folds=2)
