"""Every choice of normalisation trains, goes on, is loaded and is exported, without its weights."""

import gc
import shutil

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from polyclinic.config import merge
from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from polyclinic.runs.fast import kept_graphs
from polyclinic.runs.opening import load
from polyclinic.runtime.agreement import LIMITS, agreement
from polyclinic.tasks.segments import Segments
from polyclinic.training.tensor_file import read_tensors

SETTINGS = {
    "data": {"frame": {"longest": 96}},
    "model": {"encoder": "test_resnet", "pyramid_channels": 16},
    "train": {
        "steps": 4,
        "batch_size": 2,
        "warmup_steps": 1,
        "workers": 0,
        "checkpoint_every": 2,
    },
}


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    save_file(timm.create_model("test_resnet").state_dict(), path)
    return path


@pytest.mark.parametrize("norm", ["batch", "group", "frozen"])
def test_a_run_is_loaded_without_the_weights_that_it_started_from(
    phantoms, weights, tmp_path, norm
):
    moved = shutil.copy(weights, tmp_path / "moved.safetensors")
    settings = merge(SETTINGS, {"model": {"norm": norm, "weights": str(moved)}})
    fit("segment", phantoms, tmp_path / "run", settings)
    moved.unlink()
    samples = open_cohort(phantoms).samples[:2]
    found = list(load(tmp_path / "run").read_each(samples))
    assert [one.error for one in found] == [None, None]
    again = list(load(tmp_path / "run").read_each(samples))
    assert agreement(list(zip(found, again, strict=True))).within(LIMITS)
    longer = merge(settings, {"train": {"steps": 6}})
    with pytest.raises(ConfigError, match=r"moved\.safetensors|weights"):
        fit("segment", phantoms, tmp_path / "new", longer)


def test_frozen_statistics_are_those_of_the_weights_after_training(phantoms, weights, tmp_path):
    settings = merge(SETTINGS, {"model": {"norm": "frozen", "weights": str(weights)}})
    fit("segment", phantoms, tmp_path / "run", settings)
    network = load(tmp_path / "run").network
    kept = dict(network.encoder.features.named_buffers())
    published = {name.replace(".", "_"): one for name, one in load_file(weights).items()}
    means = [name for name in kept if name.endswith("running_mean")]
    assert means
    for name in means:
        assert torch.equal(kept[name], published[name.replace(".", "_")]), name


@pytest.mark.slow
@pytest.mark.parametrize("norm", ["group", "frozen"])
def test_a_run_is_exported_and_reads_alike(phantoms, weights, tmp_path, norm):
    settings = merge(SETTINGS, {"model": {"norm": norm, "weights": str(weights)}})
    fit("segment", phantoms, tmp_path / "run", settings)
    samples = open_cohort(phantoms).samples[:2]
    kept_graphs(tmp_path / "run")
    plain = load(tmp_path / "run").read_each(samples)
    fast = load(tmp_path / "run", precision="onnxruntime fp32").read_each(samples)
    assert agreement(list(zip(plain, fast, strict=True))).within(LIMITS)


@pytest.mark.parametrize("norm", ["batch", "group", "frozen"])
def test_a_stopped_run_goes_on(phantoms, weights, tmp_path, monkeypatch, norm):
    settings = merge(SETTINGS, {"model": {"norm": norm, "weights": str(weights)}})
    whole, again = tmp_path / "whole", tmp_path / "again"
    fit("segment", phantoms, whole, settings)
    learn, steps = Segments.losses, []

    def interrupted(self, scene, targets):
        if torch.is_grad_enabled():
            steps.append(1)
        if len(steps) == 4:
            raise KeyboardInterrupt
        return learn(self, scene, targets)

    with monkeypatch.context() as patch:
        patch.setattr(Segments, "losses", interrupted)
        with pytest.raises(KeyboardInterrupt):
            fit("segment", phantoms, again, settings)
    gc.collect()  # lets go of the folder, as a killed process does
    assert not (again / "model.safetensors").exists()
    fit("segment", phantoms, again, settings, resume=True)
    mine, theirs = (read_tensors(one / "model.safetensors")[0] for one in (again, whole))
    assert mine.keys() == theirs.keys()
    assert all(torch.equal(mine[name], theirs[name]) for name in mine)
