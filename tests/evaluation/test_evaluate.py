import json

import numpy as np
import pandas as pd
import pytest

from polyclinic.data import open_cohort
from polyclinic.errors import ConfigError
from polyclinic.evaluation.cases import case_table, write_cases
from polyclinic.evaluation.evaluate import evaluate
from polyclinic.evaluation.opening import is_stored
from polyclinic.report.evaluation import write_evaluation
from tests.evaluation.stored import write_cohort, write_readings


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stored")
    cohort = write_cohort(folder)
    good = write_readings(cohort, folder / "good.json", missed=0.05, error=0.5, seed=1)
    poor = write_readings(cohort, folder / "poor.json", missed=0.5, error=3.0, seed=2)
    return cohort, good, poor


@pytest.fixture(scope="module")
def evaluation(files):
    return evaluate(files[1], files[0])


def test_everything_annotated_and_read_is_judged(evaluation):
    names = {metric.name for metric in evaluation.metrics}
    assert {"instance_f1", "mask_dice", "grade_auc", "width_mae", "width_coverage"} <= names
    groups = {metric.group for metric in evaluation.metrics}
    assert groups == {"instances", "masks", "findings", "patients", "measurements"}


def test_figures_carry_intervals_over_patients(evaluation):
    metric = evaluation.metric("instance_recall")
    assert metric.lower < metric.value < metric.upper
    assert len(np.unique(evaluation.patients)) == 12
    assert evaluation.metric("class_accuracy").baseline == pytest.approx(0.5, abs=0.1)


def test_subgroups_have_counts_and_their_own_figures(evaluation):
    shown = {(one.attribute, one.value): one for one in evaluation.subgroups}
    assert set(shown) == {("site", "north"), ("site", "south"), ("grade", "0"), ("grade", "1")}
    north, south = shown["site", "north"], shown["site", "south"]
    assert (north.patients, south.patients) == (8, 4)
    assert (north.images, south.images) == (16, 8)
    cases = evaluation.reported
    only = [s.site == "south" for s, _ in cases]
    recall = next(one for one in evaluation.figures if one.name == "instance_f1")
    assert south.metrics[0].value == pytest.approx(recall.value(np.array(only, float)))


def test_a_row_a_case(evaluation, tmp_path):
    table = case_table(evaluation)
    assert len(table) == 24
    assert {"image", "patient_id", "site", "grade", "instance_f1", "mask_dice"} <= set(table)
    again = pd.read_csv(write_cases(evaluation, tmp_path / "cases.csv"))
    assert again["instance_f1"].to_numpy() == pytest.approx(table["instance_f1"], nan_ok=True)


def test_two_readers_on_the_same_cases(files):
    cohort, good, poor = files
    compared = evaluate(poor, cohort, against=good).comparison
    rows = {one.name: one for one in compared.differences}
    recall, error = rows["instance_recall"], rows["width_mae"]
    assert recall.difference == pytest.approx(recall.second - recall.first)
    assert recall.lower <= recall.difference <= recall.upper
    assert (recall.verdict, error.verdict) == ("second", "second")
    itself = evaluate(good, cohort, against=good).comparison
    known = [one for one in itself.differences if one.difference is not None]
    assert all(one.difference == 0 and one.verdict == "" for one in known)


def test_parts_are_of_runs_alone(files):
    with pytest.raises(ConfigError, match="stored readings have no parts"):
        evaluate(files[1], files[0], part="test")


def test_images_that_nobody_read_count_as_nothing_found(files, tmp_path):
    document = json.loads(files[1].read_text())
    document["images"] = document["images"][:-4]
    kept = {image["id"] for image in document["images"]}
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] in kept]
    short = tmp_path / "short.json"
    short.write_text(json.dumps(document))
    less = evaluate(short, files[0])
    assert len(less.reported) == len(open_cohort(files[0]))
    whole = evaluate(files[1], files[0])
    assert less.metric("instance_recall").value < whole.metric("instance_recall").value


def test_the_report_shows_it_all(files, tmp_path):
    evaluation = evaluate(files[2], files[0], against=files[1])
    text = write_evaluation(evaluation, tmp_path / "report.html").read_text()
    for heading in ("Two readers", "Subgroups", "Cases", "Plots", "Images read"):
        assert f">{heading}</h2>" in text
    assert "left out of Dice and distances" in text


def test_its_json_is_plain(evaluation):
    document = json.loads(json.dumps(evaluation.to_json()))
    assert document["patients"] == 12
    assert document["leaks"] == []


def test_readings_in_the_folder_of_a_run_are_not_taken_for_it(tmp_path):
    (tmp_path / "readings.json").write_text("{}")
    assert is_stored(tmp_path)
    (tmp_path / "config.yaml").write_text("recipe: nailfold\n")
    assert not is_stored(tmp_path)


def test_one_figure_of_a_comparison_is_primary(files):
    cohort, good, poor = files
    compared = evaluate(poor, cohort, against=good).comparison
    first, *others = compared.differences
    assert (compared.primary, first.name, first.role) == ("instance_f1", "instance_f1", "primary")
    assert {one.role for one in others} == {"secondary"}


def test_a_reader_that_left_out_more_is_not_called_better(files, tmp_path):
    cohort, good, poor = files
    document = json.loads(good.read_text())
    lost = {row["id"] for row in document["images"][:6]}
    document["images"] = [row for row in document["images"] if row["id"] not in lost]
    document["annotations"] = [a for a in document["annotations"] if a["image_id"] not in lost]
    fewer = tmp_path / "fewer.json"
    fewer.write_text(json.dumps(document))
    compared = evaluate(poor, cohort, against=fewer).comparison
    error = next(one for one in compared.differences if one.name == "width_mae")
    assert (error.left_out, compared.unread) == ((0, 6), (0, 6))
    assert error.difference < 0
    assert error.verdict == ""


def test_the_flow_of_participants_is_in_every_document(evaluation, tmp_path):
    document = json.loads(json.dumps(evaluation.to_json()))
    assert document["in_data"] == {"images": 24, "patients": 12}
    flow = {one["task"]: one for one in document["flow"]}
    assert set(flow) == {"instances", "masks", "grade"}
    assert flow["grade"]["used"] == {"images": 24, "patients": 12}
    text = write_evaluation(evaluation, tmp_path / "report.html").read_text()
    assert "Participants" in text
    assert "median (quartiles)" in text
