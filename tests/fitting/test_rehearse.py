"""A figure to choose weights by that there is not is refused before training; others are not."""

import json

import pytest

from polyclinic.errors import ConfigError
from polyclinic.fitting.fit import fit
from tests.recipes.toy import Brightness, Toy
from tests.recipes.toy_staged import UPPER

SETTINGS = {"data": {"split": (0.5, 0.25, 0.25)}, "train": {"steps": 1, "evaluate_every": 1}}
TOY = "tests.recipes.toy:Toy"
STAGED = "tests.recipes.toy_staged:TwoHalves"


@pytest.fixture
def never_trained(monkeypatch):
    """Training would fail."""
    monkeypatch.delattr(Brightness, "losses")


@pytest.mark.usefixtures("never_trained")
def test_a_misspelt_monitor_is_refused_with_the_names_there_are(phantoms, tmp_path, monkeypatch):
    monkeypatch.setattr(Toy, "monitor", "brightness_maen")
    with pytest.raises(ConfigError, match=r"'brightness_maen'.*one of .*brightness_mean"):
        fit(TOY, phantoms, tmp_path / "run", SETTINGS)
    assert not (tmp_path / "run").exists()


@pytest.mark.usefixtures("never_trained")
def test_so_is_that_of_a_stage(phantoms, tmp_path, monkeypatch):
    monkeypatch.setattr(Toy, "monitor", "instance_f2")
    with pytest.raises(ConfigError, match="'instance_f2'"):
        fit(STAGED, phantoms, tmp_path / "run", SETTINGS)
    assert not (tmp_path / "run" / UPPER).exists()


def test_what_is_spelt_right_is_trained(phantoms, tmp_path):
    assert fit(TOY, phantoms, tmp_path / "run", SETTINGS).result.best_score is not None


def test_nothing_is_refused_where_only_validation_lacks_the_annotation(phantoms, tmp_path):
    """The note of the first evaluation says it, and the last weights are kept."""
    document = json.loads(phantoms.read_text())
    for number, image in enumerate(document["images"]):
        patient = number // 2
        image["file_name"] = str(phantoms.parent / image["file_name"])
        image["split"] = ("train", "train", "val", "test")[patient]
        if image["split"] == "train":
            image["labels"] = {"label": str(number % 2)}
    file = tmp_path / "some.json"
    file.write_text(json.dumps(document))
    settings = {
        "data": {"frame": {"longest": 64}},
        "model": {"encoder": "test_resnet", "norm": "group", "pyramid_channels": 16},
        "train": {"steps": 1, "batch_size": 2, "warmup_steps": 0, "workers": 0},
    }
    fitted = fit("diagnose", file, tmp_path / "run", settings)
    assert fitted.result.best_score is None
    assert (tmp_path / "run" / "model.safetensors").exists()
