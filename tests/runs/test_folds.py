"""The folds of a cross-validation read what they have not seen, and together whatever is given."""

import json
from statistics import fmean

import pytest

import polyclinic
from polyclinic.data import open_cohort
from polyclinic.errors import RunError
from polyclinic.fitting.fit_folds import fit_folds
from polyclinic.runs.folds import fold_runs, is_folds_run, out_of_fold
from polyclinic.runs.folds_directory import FOLDS, read_record
from polyclinic.runs.load import load_run
from polyclinic.runtime.ensemble import Ensemble

TOY = "tests.recipes.toy:Toy"
FOLDS_COUNT = 3


@pytest.fixture(scope="module")
def crossed(phantoms, tmp_path_factory):
    out = tmp_path_factory.mktemp("folds") / "run"
    fit_folds(TOY, phantoms, out, {}, folds=FOLDS_COUNT)
    return out


def test_each_image_is_read_once_by_a_reader_that_has_not_seen_its_patient(crossed, phantoms):
    cohort, told = open_cohort(phantoms), []
    pooled = out_of_fold(crossed, cohort, lambda done, total: told.append((done, total)))
    assert told == [(done + 1, len(cohort)) for done in range(len(cohort))]
    assert [number for number, _ in pooled] == [1, 2, 3]
    read = sorted(sample.image_id for _, cases in pooled for sample, _ in cases)
    assert read == sorted(sample.image_id for sample in cohort.samples)
    patient_of = {sample.image_id: sample.patient_id for sample in cohort.samples}
    for number, cases in pooled:
        reader = load_run(crossed / f"fold-{number}")
        split = json.loads((crossed / f"fold-{number}" / "split.json").read_text())["image_ids"]
        seen = {patient_of[one] for part in ("train", "val") for one in split[part]}
        for sample, reading in cases:
            assert sample.patient_id not in seen
            assert reading.quality["brightness"] == pytest.approx(
                reader.read(sample).quality["brightness"], abs=1e-6
            )


def test_load_gives_an_ensemble(crossed, phantoms):
    assert is_folds_run(crossed)
    assert not is_folds_run(crossed / "fold-1")
    ensemble = polyclinic.load(crossed)
    assert isinstance(ensemble, Ensemble)
    file = min((phantoms.parent / "images").iterdir())
    alone = [load_run(run).read(file).quality["brightness"] for run in fold_runs(crossed)]
    assert len(set(alone)) == FOLDS_COUNT
    assert ensemble.read(file).quality["brightness"] == pytest.approx(fmean(alone))


def test_a_stored_threshold_is_taken(crossed):
    assert polyclinic.load(crossed).accept == 0.5
    file = crossed / FOLDS
    before = file.read_text()
    file.write_text(json.dumps(json.loads(before) | {"accept": 0.25}))
    try:
        assert polyclinic.load(crossed).accept == 0.25
    finally:
        file.write_text(before)


def test_what_is_not_finished_is_refused(crossed, phantoms, tmp_path):
    with pytest.raises(RunError, match="no cross-validation"):
        fold_runs(tmp_path)
    record = read_record(crossed).to_json()
    record["folds"][1]["finished"] = False
    (tmp_path / FOLDS).write_text(json.dumps(record))
    with pytest.raises(RunError, match="1 of 3 folds are not trained yet: fold-2"):
        polyclinic.load(tmp_path)
    (tmp_path / FOLDS).write_text("{}")
    with pytest.raises(RunError, match="damaged"):
        polyclinic.load(tmp_path)
    other = open_cohort(phantoms).subset(range(4))
    with pytest.raises(RunError, match="other annotations"):
        out_of_fold(crossed, other)
