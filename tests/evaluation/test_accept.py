"""From which score on an instance counts as found."""

import json

import pytest

from polyclinic.errors import ConfigError, DataError
from polyclinic.evaluation.evaluate import evaluate
from tests.evaluation.stored import write_cohort, write_readings


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accept")
    data = write_cohort(folder, patients=4)
    readings = write_readings(data, folder / "readings.json", missed=0.0)
    return data, readings, folder


def as_results(readings, path, low):
    """A results list in which every other find has a low score."""
    rows = json.loads(readings.read_text())["annotations"]
    kept = ("image_id", "category_id", "bbox", "segmentation", "score")
    rows = [{key: row[key] for key in kept} for row in rows]
    for row in rows[::2]:
        row["score"] = low
    path.write_text(json.dumps(rows))
    return path


def found(evaluation):
    return sum(len(reading.instances) for _, reading in evaluation.reported)


def test_our_readings_hold_what_was_accepted(files):
    judged = evaluate(files[1], files[0])
    assert judged.subject.accept == 0
    assert judged.metric("instance_recall").value == 1


def test_low_scores_of_other_systems_are_candidates(files):
    data, readings, folder = files
    results = as_results(readings, folder / "results.json", low=0.2)
    judged = evaluate(results, data)
    assert judged.subject.accept == 0.5
    assert judged.metric("instance_recall").value == pytest.approx(0.5)
    every = evaluate(results, data, accept=0.1)
    assert every.metric("instance_recall").value == 1
    assert every.metric("mask_dice").value > judged.metric("mask_dice").value
    assert (found(judged), found(every)) == (8, 16)


def test_average_precision_takes_every_candidate(files):
    data, readings, folder = files
    results = as_results(readings, folder / "low.json", low=0.2)
    some, every = evaluate(results, data), evaluate(results, data, accept=0)
    assert some.metric("box_ap").value == every.metric("box_ap").value


def test_a_file_may_say_its_score(files):
    data, readings, folder = files
    document = json.loads(readings.read_text())
    document["info"]["accept"] = 0.8
    said = folder / "said.json"
    said.write_text(json.dumps(document))
    judged = evaluate(said, data)
    assert judged.to_json()["accept"] == 0.8
    assert found(judged) == sum(one["score"] >= 0.8 for one in document["annotations"])


@pytest.mark.parametrize("accept", [1.5, "much"])
def test_a_score_beyond_bounds_is_refused(files, accept):
    document = json.loads(files[1].read_text())
    document["info"]["accept"] = accept
    wrong = files[2] / "wrong.json"
    wrong.write_text(json.dumps(document))
    with pytest.raises(DataError, match="accept"):
        evaluate(wrong, files[0])


def test_an_option_beyond_bounds_is_refused(files):
    with pytest.raises(ConfigError, match="accept"):
        evaluate(files[1], files[0], accept=-0.1)


def test_an_instance_without_a_score_is_certain(files):
    data, readings, folder = files
    document = json.loads(readings.read_text())
    for row in document["annotations"]:
        row.pop("score")
    unscored = folder / "unscored.json"
    unscored.write_text(json.dumps(document))
    judged = evaluate(unscored, data, accept=1)
    assert judged.metric("instance_recall").value == 1
    assert found(judged) == 16
