"""Readers in 8 bit are made from a run's own data, and kept only where they read as well."""

import json
import shutil

import pandas as pd
import pytest

from polyclinic.errors import ConfigError, DataError, RunError
from polyclinic.fitting.fit import fit
from polyclinic.runs.choose import choose_backend
from polyclinic.runs.fast import kept_graphs
from polyclinic.runs.opening import load
from polyclinic.runs.own_data import OwnData
from polyclinic.runs.quantised import quantise_run, quantised_graphs
from polyclinic.runtime.exported.container import Container
from polyclinic.runtime.precision import INT8
from tests.systems.kidney.kidney_fields import TINY, small_table


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return small_table(tmp_path_factory.mktemp("fields"))


@pytest.fixture(scope="module")
def run(table, tmp_path_factory):
    out = tmp_path_factory.mktemp("run") / "run"
    fit("diagnose", table, out, TINY)
    return out


@pytest.mark.slow
def test_made_judged_and_kept(run, table):
    with pytest.raises(RunError, match="has no graphs in int8"):
        load(run, precision="int8")
    with pytest.raises(RunError, match=r"label_balanced_accuracy .* in fp32 and .* in int8"):
        quantise_run(run, table, most_lost=-1.0, images=4)
    assert [file.name for file in (run / "graphs").iterdir()] == [kept_graphs(run).name]
    path, lost = quantise_run(run, table, most_lost=1.0, images=4)
    assert path == quantised_graphs(run)
    own = OwnData.of_run(run, table)
    assert lost.images == len(own.split.val)
    assert path.stat().st_size < kept_graphs(run).stat().st_size
    judged = Container(path).document["judged"]
    assert (judged["plain"], judged["faster"]) == (lost.plain, lost.faster)
    reader = load(run, precision="int8")
    assert reader.precision == str(INT8)
    assert load(path, precision="int8").precision == reader.precision
    for row in own.split.test[:3]:
        sample = own.cohort.samples[row]
        plain = load(run).read(sample).findings["label"]
        assert reader.read(sample).findings["label"] == pytest.approx(plain, abs=0.1)
    with pytest.raises(ConfigError, match="was not exported in int8"):
        load(kept_graphs(run), precision="int8")
    for other in ("bf16", "openvino fp32"):
        with pytest.raises(ConfigError, match="judged in onnxruntime alone"):
            load(path, precision=other)
    samples = [own.cohort.samples[0]] * 50
    assert choose_backend(path, samples, lambda said: None) == INT8
    assert load(run, precision="onnxruntime fp32").precision == "onnxruntime fp32"


def test_test_patients_are_never_looked_at(run, table, tmp_path):
    own = OwnData.of_run(run, table)
    rows = own.some_of_training(5)
    assert len(rows) == 5
    assert set(rows) <= set(own.split.train)
    assert own.some_of_training(10**6) == list(own.split.train)


def test_other_data_are_refused(run, table, tmp_path):
    rows = pd.read_csv(table)
    changed = table.with_name("changed.csv")
    rows.iloc[1:].to_csv(changed, index=False)
    with pytest.raises(RunError, match=r"changed\.csv is not what the run was trained on"):
        OwnData.of_run(run, changed)


def test_data_that_are_gone_are_missed(run, table, tmp_path):
    with pytest.raises(DataError, match=r"gone\.csv"):
        OwnData.of_run(run, table.with_name("gone.csv"))
    own = OwnData.of_run(run, table)
    folder = tmp_path / "copy"
    shutil.copytree(table.parent, folder)
    moved = OwnData.of_run(run, folder / table.name)
    for row in own.split.train:
        (folder / moved.cohort.samples[row].file).unlink()
    with pytest.raises(DataError, match="2 of 2 training images are not there any more"):
        moved.some_of_training(2)


def test_a_run_without_its_split_is_refused(run, table, tmp_path):
    shutil.copytree(run, tmp_path / "run", ignore=shutil.ignore_patterns("graphs"))
    (tmp_path / "run" / "split.json").write_text(json.dumps({}))
    with pytest.raises(RunError, match="not what the run was trained on"):
        OwnData.of_run(tmp_path / "run", table)
    (tmp_path / "run" / "split.json").unlink()
    with pytest.raises(RunError, match=r"split\.json: is (missing|damaged)"):
        OwnData.of_run(tmp_path / "run", table)


def test_cross_validations_are_refused(table, tmp_path):
    (tmp_path / "folds.json").write_text("{}")
    with pytest.raises(RunError, match="is a cross-validation"):
        quantise_run(tmp_path, table)
