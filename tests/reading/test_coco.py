from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import open_cohort
from polyclinic.errors import DataError
from polyclinic.reading import Measurement, Reading
from polyclinic.reading.coco import readings_to_coco
from polyclinic.sample import Instance, Mask, Spacing
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("tip", "left", "right"), swaps=(("left", "right"),))


def found(seed: int) -> Instance:
    array = np.zeros((20, 30), bool)
    array[3:9, 5:12] = True
    array[5, 7] = False
    mask = Mask.from_array(array)
    landmarks = np.array([[6.25, 4.5, 2], [5.0, 8.0, 1], [0, 0, 0]], float)
    return Instance(
        box=mask.box() + 0.125,
        category=1,
        mask=mask,
        landmarks=landmarks,
        score=0.75,
        probabilities=np.array([0.25, 0.75]),
        landmark_confidence=np.random.default_rng(seed).random(3),
    )


def reading(folder, image_id, **changes) -> Reading:
    file = folder / f"{image_id}.png"
    Image.new("L", (30, 20)).save(file)
    values = {
        "image_id": image_id,
        "size": (20, 30),
        "file": str(file),
        "patient_id": "p1",
        "spacing": Spacing.square(0.001, "calibrated"),
        "classes": ("normal", "abnormal"),
        "landmark_schema": SCHEMA,
        "instances": (found(1), found(2)),
        "findings": {"stage": {"early": 0.25, "late": 0.75}},
        "measurements": (Measurement(name="width", value=7.0, unit="px", instance=1),),
        "provenance": {"model": "m", "image_hash": str(image_id)},
    }
    return Reading(**(values | changes))


def test_predictions_are_opened_as_annotations(tmp_path):
    readings = [reading(tmp_path, 1), reading(tmp_path, 2, instances=(), measurements=())]
    path = tmp_path / "readings.json"
    path.write_text(json.dumps(readings_to_coco(readings), allow_nan=False))
    cohort = open_cohort(path)
    assert not cohort.skipped
    assert cohort.classes == ("normal", "abnormal")
    assert cohort.landmark_schema == SCHEMA
    for sample, one in zip(cohort.samples, readings, strict=True):
        assert (sample.image_id, sample.size, sample.file) == (one.image_id, one.size, one.file)
        assert (sample.patient_id, sample.spacing) == (one.patient_id, one.spacing)
        assert sample.labels == {"stage": "late"}
        assert len(sample.instances) == len(one.instances)
        for read, written in zip(sample.instances, one.instances, strict=True):
            assert (read.box == written.box).all()
            assert (read.mask.array() == written.mask.array()).all()
            assert (read.landmarks == written.landmarks).all()
            assert (read.category, read.score) == (written.category, written.score)
            assert read.extra["landmark_confidence"] == written.landmark_confidence.tolist()


def test_image_rows_hold_findings_and_measurements(tmp_path):
    document = reading(tmp_path, 1).to_coco()
    (row,) = document["images"]
    assert row["findings"]["stage"]["late"] == 0.75
    assert row["measurements"][0]["value"] == 7.0
    assert row["measurements"][0]["instance"] == 1
    assert document["info"]["model"] == "m"


def test_an_image_that_was_not_read_says_why_and_is_not_taken_for_empty(tmp_path):
    broken = Reading(image_id="b", size=(0, 0), file="b.png", error="is empty (0 bytes)")
    path = tmp_path / "readings.json"
    document = readings_to_coco([reading(tmp_path, "a"), broken])
    assert document["images"][1]["error"] == "is empty (0 bytes)"
    path.write_text(json.dumps(document))
    cohort = open_cohort(path)
    assert [sample.image_id for sample in cohort.samples] == ["a"]
    assert "b" in cohort.skipped[0].row


def test_readings_of_different_readers_do_not_mix(tmp_path):
    with pytest.raises(DataError, match="classes"):
        readings_to_coco(
            [reading(tmp_path, 1), reading(tmp_path, 2, classes=("x", "y"))],
        )
    with pytest.raises(DataError, match="landmarks"):
        readings_to_coco(
            [
                reading(tmp_path, 1),
                reading(
                    tmp_path,
                    2,
                    instances=(),
                    measurements=(),
                    landmark_schema=LandmarkSchema(names=("a",)),
                ),
            ],
        )
    with pytest.raises(DataError, match="twice"):
        readings_to_coco([reading(tmp_path, 1), reading(tmp_path, 1)])


def test_patients_are_pooled_over_images_that_hold_findings(tmp_path):
    second = {"stage": {"early": 0.5, "late": 0.5}}
    document = readings_to_coco(
        [
            reading(tmp_path, 1),
            reading(tmp_path, 2, findings=second),
            reading(tmp_path, 3, patient_id=None),
            Reading(image_id=4, size=(0, 0), patient_id="p1", error="is empty"),
        ]
    )
    (row,) = document["patients"]
    assert (row["patient_id"], row["images"]) == ("p1", [1, 2])
    odds = row["findings"]["stage"]["late"] / row["findings"]["stage"]["early"]
    assert odds == pytest.approx(3**0.5)
    assert "patients" not in readings_to_coco([reading(tmp_path, 5, findings={})])
    path = tmp_path / "readings.json"
    path.write_text(json.dumps(document, allow_nan=False))
    assert len(open_cohort(path)) == 3
