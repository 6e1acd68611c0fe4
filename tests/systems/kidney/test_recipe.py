"""The kidney recipe on phantom fields: hierarchies, missing targets, readings, restored files."""

import json

import numpy as np
import pandas as pd
import pytest

from polyclinic.config import merge
from polyclinic.data import open_cohort
from polyclinic.data.images import read_picture
from polyclinic.errors import ConfigError, DataError
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.fitting.fit import fit
from polyclinic.runs.load import load
from polyclinic.systems.kidney.recipe import Kidney
from tests.cli.conftest import polyclinic
from tests.systems.kidney.kidney_fields import TINY, small_table, without

__all__ = ["polyclinic"]

NO_BLUR = merge(TINY, {"data": {"degrade": {"blur": 0.0}}})


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return small_table(tmp_path_factory.mktemp("fields"))


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    home = tmp_path_factory.mktemp("runs") / "kidney"
    fit("kidney", table, home, merge(TINY, {"quality": {"retake": 0.0}}))
    return home


@pytest.mark.parametrize(
    ("preset", "tasks", "edges"),
    [
        ("small", ["quality", "restore", "diagnosis"], 2),
        ("restore-first", ["restore", "quality", "diagnosis"], 3),
        ("flat", ["quality", "restore", "diagnosis"], 0),
        ("single", ["diagnosis"], 0),
    ],
)
def test_four_hierarchies_are_settings(table, tmp_path, preset, tasks, edges):
    fit("kidney", table, tmp_path / "run", merge(TINY, {"preset": preset}))
    network = load(tmp_path / "run").network
    assert [task.name for task in network.task_list] == tasks
    assert len(network.edges) == edges
    assert (network.second is not None) == (edges > 0)


def test_the_reconstruction_says_so():
    assert "reconstruction" in Kidney.source
    assert Kidney().resolve({"preset": "paper"}).model.encoder == "resnet34"


def test_what_the_data_lack_is_left_out_with_its_edges(table, tmp_path):
    bare = without(table, "quality", "sharp_image")
    fitted = fit("kidney", bare, tmp_path / "run", NO_BLUR)
    assert [task.name for task in load(tmp_path / "run").task_list] == ["diagnosis"]
    said = "\n".join(fitted.left_out)
    assert "quality: no image has the label 'quality'" in said
    assert "restore: no image has a sharp partner" in said
    assert "restore -> diagnosis: an end is missing" in said


def test_degraded_views_teach_what_nobody_annotated(table, tmp_path):
    bare = without(table, "quality", "sharp_image")
    fitted = fit("kidney", bare, tmp_path / "run", TINY)
    assert fitted.left_out == ()
    names = [task.name for task in load(tmp_path / "run").task_list]
    assert names == ["quality", "restore", "diagnosis"]


def test_without_a_diagnosis_quality_and_restoration_are_learnt(table, tmp_path):
    fit("kidney", without(table, "label"), tmp_path / "run", TINY)
    assert [t.name for t in load(tmp_path / "run").task_list] == ["quality", "restore"]


def test_a_run_is_judged_and_shown(table, run):
    judged = evaluate(run, table, stress=["blur"])
    names = {metric.name for metric in judged.metrics}
    assert {
        "label_accuracy",
        "patient_label_accuracy",
        "quality_srcc",
        "quality_plcc",
        "restored_psnr",
        "restored_ssim",
    } <= names
    assert len(judged.stress.curve("blur", "label_accuracy")) == 5


def test_reading_writes_probabilities_flags_and_restored_files(table, run, tmp_path, polyclinic):
    out = tmp_path / "readings"
    code, said, _ = polyclinic("read", run, table, "--out", out)
    assert code == 0
    assert "restored images are for viewing, not for measuring" in " ".join(said.split())
    patients = pd.read_csv(out / "patients.csv")
    assert (patients.groupby("patient_id")["probability"].sum() - 1).abs().max() < 1e-5
    assert (patients["images"] == 3).all()
    assert len(pd.read_csv(out / "findings.csv")) == 16 * 3 * 4
    images = json.loads((out / "readings.json").read_text("utf-8"))["images"]
    assert all(one["flags"][0].startswith("take it again: quality") for one in images)
    written = sorted((out / "restored").iterdir())
    assert len(written) == 16 * 3
    pixels = read_picture(written[0]).deep
    assert pixels is not None
    assert pixels.shape == (64, 64)


def test_a_batch_is_read_as_its_images_are(table, run):
    reader = load(run).with_candidates()
    cohort = open_cohort(table)
    samples = [cohort.load(row) for row in range(4)]
    together = reader.read_batch(samples)
    for sample, found in zip(samples, together, strict=True):
        (alone,) = reader.read_batch([sample])
        assert alone.findings["label"] == pytest.approx(found.findings["label"], abs=1e-4)
        assert alone.quality == pytest.approx(found.quality, abs=1e-4)
        difference = alone.restored.astype(int) - found.restored
        assert np.abs(difference).max() <= 1


def test_quality_that_is_no_number_is_refused(table, tmp_path):
    rows = pd.read_csv(table).astype({"quality": object})
    rows.loc[:, "quality"] = "poor"
    words = table.with_name("words.csv")
    rows.to_csv(words, index=False)
    with pytest.raises(DataError, match=r"label 'quality' is 'poor'; expected a number"):
        fit("kidney", words, tmp_path / "run", TINY)


def test_values_outside_the_declared_ones_are_refused(table, tmp_path):
    declared = merge(TINY, {"classes": {"values": ("iga", "membranous", "anti_gbm")}})
    with pytest.raises(DataError, match="label 'label' is 'lupus'"):
        fit("kidney", table, tmp_path / "run", declared)


def test_edges_to_nowhere_are_refused(table, tmp_path):
    wrong = merge(TINY, {"hierarchy": {"edges": ({"source": "quality", "target": "dignosis"},)}})
    with pytest.raises(ConfigError, match="did you mean 'diagnosis'"):
        fit("kidney", table, tmp_path / "run", wrong)
