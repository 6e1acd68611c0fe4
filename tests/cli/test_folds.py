"""`polyclinic fit --folds` and what can be done with the folder that it leaves."""

import json

import pandas as pd
import pytest

from tests.cli.conftest import TOY


def test_fit_folds_and_read_with_the_ensemble(polyclinic, phantoms, tmp_path):
    out = tmp_path / "run"
    code, said, _ = polyclinic("fit", TOY, "--data", phantoms, "--out", out, "--folds", 3)
    assert code == 0
    for number in (1, 2, 3):
        assert f"fold {number} of 3" in said
        assert (out / f"fold-{number}" / "model.safetensors").is_file()
    assert "min left" in said
    assert "trained 3 folds" in said
    assert f"polyclinic evaluate {out} --data {phantoms}" in said

    images = phantoms.parent / "images"
    code, said, _ = polyclinic("read", out, images, "--out", tmp_path / "readings")
    assert code == 0
    assert "read 8 of 8 images" in said
    readings = json.loads((tmp_path / "readings" / "readings.json").read_text())
    assert readings["info"]["members"] == 3
    assert all("brightness" in image["quality"] for image in readings["images"])
    assert pd.read_csv(tmp_path / "readings" / "measurements.csv").empty


def test_wrong_folds(polyclinic, phantoms, toy_run, tmp_path):
    arguments = ("fit", TOY, "--data", phantoms, "--out")
    code, _, err = polyclinic(*arguments, tmp_path / "run", "--folds", 1)
    assert code == 2
    assert "folds" in err
    code, _, err = polyclinic(*arguments, tmp_path / "run", "--folds", 9)
    assert code == 3
    assert "4 patients for 9 folds" in err
    assert not (tmp_path / "run").exists()
    code, _, err = polyclinic(*arguments, toy_run, "--folds", 3)
    assert code == 4
    assert "ordinary run" in err


@pytest.mark.parametrize("part", ["pooled", "other data"])
def test_evaluate_pools_what_was_held_out(polyclinic, phantoms, tmp_path, part):
    """Own data are read out of fold, other data by the ensemble."""
    out = tmp_path / "run"
    assert polyclinic("fit", TOY, "--data", phantoms, "--out", out, "--folds", 2)[0] == 0
    data = phantoms
    if part == "other data":
        document = json.loads(phantoms.read_text())
        document["images"] = document["images"][:4]
        kept = {image["id"] for image in document["images"]}
        document["annotations"] = [a for a in document["annotations"] if a["image_id"] in kept]
        data = phantoms.with_name("some.json")
        data.write_text(json.dumps(document))
    code, _, err = polyclinic("evaluate", out, "--data", data)
    assert code == 0, err
    metrics = json.loads((out / "metrics.json").read_text())
    assert metrics["images"] == (8 if part == "pooled" else 4)
    assert [fold["fold"] for fold in metrics.get("folds", [])] == (
        [1, 2] if part == "pooled" else []
    )
