"""A task and a recipe from outside the package train and read through the command line."""

import json

import pandas as pd
import pytest

from polyclinic.cli.app import main


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    return left.value.code


def test_outside_task_and_recipe(phantoms, tmp_path, capsys):
    reference, out = "tests.recipes.toy:Toy", tmp_path / "run"
    assert run("fit", reference, "--data", phantoms, "--out", out) == 0
    assert "tasks: brightness" in capsys.readouterr().out
    assert run("read", out, phantoms.parent / "images", "--out", tmp_path / "read") == 0
    readings = json.loads((tmp_path / "read" / "readings.json").read_text())
    assert len(readings["images"]) == 8
    assert all("brightness" in image["quality"] for image in readings["images"])
    assert pd.read_csv(tmp_path / "read" / "measurements.csv").empty
    assert run("evaluate", out, "--data", phantoms) == 0
    metrics = json.loads((out / "metrics.json").read_text())["metrics"]
    assert [metric["name"] for metric in metrics] == ["brightness_mean"]
    assert metrics[0]["lower"] is None  # one held-out patient
    assert (out / "report.html").stat().st_size > 1000


def test_recipe_list_and_unknown_names(capsys):
    assert run("recipes") == 0
    assert "nailfold" in capsys.readouterr().out
    assert run("recipes", "--show", "nailfol") == 2
    assert "nailfold" in capsys.readouterr().err
    assert run("recipes", "--show", "tests.recipes.toy:Toy") == 0
    assert "brightness:" in capsys.readouterr().out
    assert run("recipes", "--show", "tests.recipes.toy:Nothing") == 2
    assert run("recipes", "--show", "no.such.module:Toy") == 2
