"""A recipe of two networks from outside the package; killed and resumed, it ends the same."""

from __future__ import annotations

import gc
import json
from dataclasses import replace
from itertools import count

import pytest
import torch
from rich.console import Console

from polyclinic.cli.app import main
from polyclinic.data import Cohort, open_cohort, split_cohort
from polyclinic.errors import DataError, RunError
from polyclinic.fitting.fit import fit
from polyclinic.fitting.views import cut_views
from polyclinic.runs.load import load
from polyclinic.runs.stages_file import StagesFile
from polyclinic.training.tensor_file import read_tensors
from tests.recipes.toy import Brightness
from tests.recipes.toy_staged import LOWER, UPPER, Halves, TwoHalves

RECIPE = "tests.recipes.toy_staged:TwoHalves"
STEPS = 4
SETTINGS = {
    "data": {"split": (0.5, 0.25, 0.25)},
    "train": {"steps": STEPS, "checkpoint_every": 2, "evaluate_every": 2},
}


@pytest.fixture(scope="module")
def whole(phantoms, tmp_path_factory):
    """A run that nothing stopped."""
    out = tmp_path_factory.mktemp("staged") / "whole"
    return out, fit(RECIPE, phantoms, out, SETTINGS).result


def polyclinic(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def kill_at_step(step, monkeypatch, data, out):
    """Interrupt a training in its n-th step, counted over both stages."""
    steps, losses = count(1), Brightness.losses

    def interrupted(self, scene, targets):
        if next(steps) == step:
            raise KeyboardInterrupt
        return losses(self, scene, targets)

    with monkeypatch.context() as patch:
        patch.setattr(Brightness, "losses", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit(RECIPE, data, out, SETTINGS)
    gc.collect()  # A killed process lets go of its folder; this one does when nobody holds it.


def finished(out):
    return [stage.name for stage in StagesFile.of_run(out).stages if stage.result is not None]


def assert_same_run(mine, theirs):
    for stage in (UPPER, LOWER):
        one, other = (read_tensors(run / stage / "model.safetensors")[0] for run in (mine, theirs))
        assert one.keys() == other.keys()
        assert all(torch.equal(one[name], other[name]) for name in one)
    first, second = (json.loads((run / "split.json").read_text()) for run in (mine, theirs))
    assert first == second


def test_each_stage_is_a_run_of_its_own(whole, phantoms):
    out, result = whole
    assert result.steps == 2 * STEPS
    assert finished(out) == [UPPER, LOWER]
    reader = load(out)
    assert isinstance(reader, Halves)
    for stage in (UPPER, LOWER):
        assert load(out / stage).classes == ()
        assert json.loads((out / stage / "model.json").read_text())["tasks"] == ["brightness"]
    cohort = open_cohort(phantoms)
    reading = reader.read(cohort.samples[0])
    assert set(reading.quality) == {"upper_brightness", "lower_brightness"}
    assert reading.provenance["recipe"] == "two halves"
    views = StagesFile.of_run(out)
    train = json.loads((out / "split.json").read_text())["image_ids"]["train"]
    assert 0 < views.facts.images == len(train) < len(cohort)


def test_through_the_command_line(phantoms, tmp_path, capsys):
    out = tmp_path / "run"
    assert polyclinic("fit", RECIPE, "--data", phantoms, "--out", out) == 0
    said = capsys.readouterr().out
    assert said.index("stage upper") < said.index("stage lower")
    assert polyclinic("read", out, phantoms.parent / "images", "--out", tmp_path / "read") == 0
    images = json.loads((tmp_path / "read" / "readings.json").read_text())["images"]
    assert len(images) == 8
    assert polyclinic("evaluate", out, "--data", phantoms) == 0
    metrics = json.loads((out / "metrics.json").read_text())["metrics"]
    assert "upper_brightness_mean" in [metric["name"] for metric in metrics]


@pytest.mark.parametrize(
    ("step", "before"),
    [
        pytest.param(1, [], id="at the start"),
        pytest.param(STEPS, [], id="inside the first"),
        pytest.param(STEPS + 1, [UPPER], id="between two"),
        pytest.param(2 * STEPS, [UPPER], id="inside the second"),
    ],
)
def test_killed_and_resumed_equals_uninterrupted(
    whole, phantoms, tmp_path, monkeypatch, step, before
):
    out = tmp_path / "killed"
    kill_at_step(step, monkeypatch, phantoms, out)
    assert finished(out) == before
    fit(RECIPE, phantoms, out, SETTINGS, resume=True)
    assert finished(out) == [UPPER, LOWER]
    assert_same_run(out, whole[0])


def test_a_run_with_a_stage_to_go_says_so(phantoms, tmp_path, monkeypatch):
    out = tmp_path / "killed"
    kill_at_step(STEPS + 1, monkeypatch, phantoms, out)
    with pytest.raises(RunError, match=r"lower is to come.*--resume"):
        load(out)


def test_a_finished_run_is_left_as_it_is(whole, phantoms):
    out, result = whole
    before = {file: file.stat().st_mtime_ns for file in out.rglob("*.safetensors")}
    assert len(before) == 4
    gc.collect()
    again = fit(RECIPE, phantoms, out, SETTINGS, resume=True).result
    assert {file: file.stat().st_mtime_ns for file in before} == before
    assert again == result


def test_images_are_not_opened_for_nobody(phantoms):
    cohort = open_cohort(phantoms)
    split = split_cohort(cohort)
    gone = Cohort(samples=tuple(replace(one, file="/gone.png") for one in cohort.samples))
    assert cut_views(gone, split, [], Console(quiet=True)) == []


def test_settings_and_data_stay_those_that_it_was_started_with(whole, phantoms):
    gc.collect()
    with pytest.raises(RunError, match=r"train\.steps"):
        fit(RECIPE, phantoms, whole[0], {"train": {"steps": 9}}, resume=True)
    gc.collect()
    with pytest.raises(RunError, match="holds a run already"):
        fit(RECIPE, phantoms, whole[0], SETTINGS)


def test_a_damaged_record_is_named(whole, tmp_path):
    (tmp_path / "config.yaml").write_text((whole[0] / "config.yaml").read_text())
    with pytest.raises(RunError, match="has no stages yet"):
        load(tmp_path)
    (tmp_path / "stages.json").write_text('{"stages": 3}')
    with pytest.raises(RunError, match=r"stages\.json.*damaged"):
        load(tmp_path)


def test_what_the_recipe_refuses_leaves_no_folder(phantoms, tmp_path, monkeypatch):
    def refuse(self, cohort, config):
        raise DataError("an image is too low to be halved", where=cohort.name)

    monkeypatch.setattr(TwoHalves, "check", refuse)
    with pytest.raises(DataError, match="too low"):
        fit(RECIPE, phantoms, tmp_path / "run", SETTINGS)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("kind", ["nothing there", "no run"])
def test_weights_that_are_not_there_leave_no_folder(phantoms, tmp_path, kind):
    start = tmp_path / "start"
    if kind == "no run":
        start.mkdir()
    for recipe in (RECIPE, "tests.recipes.toy:Toy"):
        with pytest.raises(RunError, match="is not a run"):
            fit(recipe, phantoms, tmp_path / "run", SETTINGS | {"init": start})
        assert not (tmp_path / "run").exists()
