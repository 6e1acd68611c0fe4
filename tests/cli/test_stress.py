"""`polyclinic evaluate --stress`, for runs of any make."""

import json

import pandas as pd
import pytest

from polyclinic.data.degrade import KINDS, LEVELS
from tests.cli.conftest import TOY

ALL = ",".join(KINDS)


def test_curves_of_a_run(polyclinic, phantoms, toy_run, tmp_path):
    words = ("evaluate", toy_run, "--data", phantoms, "--part", "all")
    code, said, err = polyclinic(*words, "--out", tmp_path / "one", "--stress", ALL)
    assert code == 0, err
    assert "level 4" in said
    assert "stress.csv" in said
    table = pd.read_csv(tmp_path / "one" / "stress.csv")
    assert len(table) == len(KINDS) * LEVELS
    metrics = json.loads((tmp_path / "one" / "metrics.json").read_text())
    main = next(one for one in metrics["metrics"] if one["name"] == "brightness_mean")
    levels = metrics["stress"]["levels"]
    assert all(one["metrics"] == [main] for one in levels if one["level"] == 0)
    of_noise = table[table["kind"] == "noise"]["value"]
    assert of_noise.nunique() == LEVELS
    assert "Under stress" in (tmp_path / "one" / "report.html").read_text()

    assert polyclinic(*words, "--out", tmp_path / "two", "--stress", "noise, jpeg")[0] == 0
    again = pd.read_csv(tmp_path / "two" / "stress.csv")
    same = table[table["kind"].isin(["noise", "jpeg"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(again, same)


def test_without_stress_nothing_is_said_of_it(polyclinic, phantoms, toy_run, tmp_path):
    assert polyclinic("evaluate", toy_run, "--data", phantoms, "--out", tmp_path)[0] == 0
    assert not (tmp_path / "stress.csv").exists()
    assert "stress" not in json.loads((tmp_path / "metrics.json").read_text())
    assert "Under stress" not in (tmp_path / "report.html").read_text()


def test_folds_are_stressed_out_of_fold(polyclinic, phantoms, tmp_path):
    out = tmp_path / "run"
    assert polyclinic("fit", TOY, "--data", phantoms, "--out", out, "--folds", 2)[0] == 0
    code, _, err = polyclinic("evaluate", out, "--data", phantoms, "--stress", "blur")
    assert code == 0, err
    metrics = json.loads((out / "metrics.json").read_text())
    assert [one["level"] for one in metrics["stress"]["levels"]] == list(range(LEVELS))
    assert [one["fold"] for one in metrics["folds"]] == [1, 2]


@pytest.mark.parametrize(("kinds", "hint"), [("blurr", "'blur'"), ("blur,,noise", "known")])
def test_unknown_kinds(polyclinic, phantoms, toy_run, kinds, hint):
    code, _, err = polyclinic("evaluate", toy_run, "--data", phantoms, "--stress", kinds)
    assert code == 2
    assert hint in err
