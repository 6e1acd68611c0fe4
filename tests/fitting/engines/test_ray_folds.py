"""Folds trained on a cluster are those that are trained in turn."""

import gc
import io

import pytest
import torch
from rich.console import Console

from polyclinic.errors import ConfigError, TrainingError
from polyclinic.fitting.engines.ray_folds import RayFolds
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.runs.folds_directory import read_record
from polyclinic.training.tensor_file import read_tensors

TOY, DYING, FOLDS = "tests.recipes.toy:Toy", "tests.fitting.engines.dying:Dying", 3
STEPS = {"train": {"steps": 4, "checkpoint_every": 2, "evaluate_every": 2}}
pytestmark = pytest.mark.timeout(900)  # processes start slowly on a busy machine
SAME = ("config.yaml", "split.json", "fingerprints.json")


@pytest.fixture(scope="module")
def whole(phantoms, tmp_path_factory):
    """A cross-validation in this process, with as many threads as a fold on the cluster has."""
    out, threads = tmp_path_factory.mktemp("folds") / "whole", torch.get_num_threads()
    torch.set_num_threads(1)
    fit_folds(TOY, phantoms, out, STEPS, folds=FOLDS)
    torch.set_num_threads(threads)
    gc.collect()  # lets go of the folder
    return out


def trained(recipe, data, out, settings, engine, **options):
    """Train on the cluster; what was said."""
    said = io.StringIO()
    console = Console(file=said, width=200)
    fit_folds(recipe, data, out, settings, folds=FOLDS, console=console, engine=engine, **options)
    return said.getvalue()


def same_weights(one, other):
    for k in range(1, FOLDS + 1):
        mine, theirs = (
            read_tensors(x / f"fold-{k}" / "model.safetensors")[0] for x in (one, other)
        )
        assert mine.keys() == theirs.keys()
        assert all(torch.equal(mine[name], theirs[name]) for name in mine)


@pytest.mark.slow
def test_folds_of_a_cluster_equal_those_trained_in_turn(cluster, whole, phantoms, tmp_path):
    out = tmp_path / "run"
    said = trained(TOY, phantoms, out, STEPS, RayFolds(cpus=1))
    assert "2 folds at a time, with 1 CPUs each" in said
    assert all(f"fold {k} of 3 trained in" in said for k in (1, 2, 3))
    assert not read_record(out).unfinished
    same_weights(out, whole)
    for k in (1, 2, 3):
        for name in SAME:
            mine, theirs = (x / f"fold-{k}" / name for x in (out, whole))
            assert mine.read_bytes() == theirs.read_bytes()
    gc.collect()

    before = {file: file.stat().st_mtime_ns for file in out.rglob("*.safetensors")}
    said = trained(TOY, phantoms, out, STEPS, RayFolds(cpus=1), resume=True)
    assert said.count("trained already") == FOLDS
    assert {file: file.stat().st_mtime_ns for file in before} == before


@pytest.mark.slow
def test_a_killed_fold_goes_on_in_another_process(cluster, whole, phantoms, tmp_path):
    out, settings = tmp_path / "run", {**STEPS, "brightness": told(tmp_path, deaths=1)}
    trained(DYING, phantoms, out, settings, RayFolds(cpus=1))
    assert len(list(tmp_path.glob("death-*"))) == 1
    same_weights(out, whole)


@pytest.mark.slow
def test_a_fold_that_is_killed_each_time_is_named(cluster, phantoms, tmp_path):
    out, settings = tmp_path / "run", {**STEPS, "brightness": told(tmp_path, deaths=99)}
    with pytest.raises(TrainingError, match=r"the process of fold \d died 1 times"):
        trained(DYING, phantoms, out, settings, RayFolds(cpus=1, attempts=1))
    assert len(read_record(out).unfinished) == FOLDS


def told(folder, deaths):
    return {"grave": str(folder), "deaths": deaths}


def test_several_gpus_a_training_are_refused(phantoms, tmp_path):
    several = {"train": {"steps": 4, "devices": 2}}
    with pytest.raises(ConfigError, match=r"train\.devices"):
        trained(TOY, phantoms, tmp_path / "run", several, RayFolds())
