import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from polyclinic.errors import DataError
from polyclinic.reading.coco import readings_to_coco
from polyclinic.runtime.outputs import write_readings
from polyclinic.runtime.stored import read_readings

from .readings import CLASSES, SCHEMA, several_readings

VALUES = ("image_id", "file", "patient_id", "error")
MADE = ("size", "spacing", "findings", "quality", "measurements", "flags", "landmark_schema")


def same(first, second):
    if first is None or second is None:
        return first is second
    return np.allclose(first, second, atol=1e-9, rtol=0)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(several_readings())
def test_reading_what_was_written_gives_the_same_readings(tmp_path, written):
    write_readings(written, tmp_path, ["coco"])
    again = read_readings(tmp_path)
    assert len(again) == len(written)
    for new, old in zip(again, written, strict=True):
        for key in VALUES + (() if old.error else MADE):
            assert getattr(new, key) == getattr(old, key), key
        if old.error:
            continue
        assert (new.classes, dict(new.provenance)) == (CLASSES, dict(old.provenance))
        assert (new.instances is None) == (old.instances is None)
        for one, known in zip(new.instances or (), old.instances or (), strict=True):
            for key in ("category", "score", "crowd"):
                assert getattr(one, key) == getattr(known, key), key
            for key in ("box", "landmarks", "probabilities", "landmark_confidence"):
                assert same(getattr(one, key), getattr(known, key)), key
            assert (one.mask is None) == (known.mask is None)
            if one.mask is not None:
                assert (one.mask.array() == known.mask.array()).all()


def document(**changes):
    image = {"id": 1, "file_name": "a.png", "height": 24, "width": 32, "annotated": ["instances"]}
    row = {"id": 7, "image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 4], "score": 0.5}
    measured = {"name": "width", "value": 1.0, "unit": "px", "instance": 0}
    made = {"image": image, "row": row, "measured": measured}
    for key, values in changes.items():
        made[key] = made[key] | values
    return {
        "images": [made["image"] | {"measurements": [made["measured"]]} | changes.get("image", {})],
        "annotations": [made["row"]],
        "categories": [{"id": 1, "name": "normal", "keypoints": list(SCHEMA.names)}],
    }


def stored(tmp_path, content):
    path = tmp_path / "readings.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_a_small_file_is_read(tmp_path):
    (reading,) = read_readings(stored(tmp_path, document()))
    assert reading.instances[0].box.tolist() == [0.5, 1.5, 3.5, 5.5]
    assert reading.measurements[0].instance == 0
    assert reading.landmark_schema is None


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"row": {"bbox": [1, 2, 3]}},
            r"annotation 7 \(row 0\): 'bbox' is \[1, 2, 3\]; expected 4",
        ),
        ({"row": {"bbox": [1, 2, -3, 4]}}, "'bbox'"),
        ({"row": {"bbox": None}}, "'bbox' is None"),
        ({"row": {"bbox": "all"}}, "'bbox' is 'all'"),
        ({"row": {"bbox": [1, 2, 3, float("nan")]}}, "'bbox'"),
        ({"row": {"bbox": [1, 2, 3, 10**400]}}, "a number that is too long"),
        ({"row": {"bbox": [1, 2, 3, True]}}, "'bbox'"),
        ({"row": {"score": 1.5}}, "'score' is 1.5; expected 0 to 1"),
        ({"row": {"score": "high"}}, "'score'"),
        ({"row": {"keypoints": [1, 2, 2]}}, "'keypoints'.*9 finite numbers"),
        ({"row": {"keypoints": [1, 2, 3] * 3}}, "visibility"),
        ({"row": {"keypoints": "tip"}}, "'keypoints'"),
        ({"row": {"landmark_confidence": [1, 2, [3]]}}, "'landmark_confidence'"),
        ({"row": {"keypoints": [1, 2, 2] * 3, "landmark_confidence": [1]}}, "3 finite numbers"),
        ({"row": {"probabilities": [0.5, 0.5]}}, "'probabilities'.*1 finite number"),
        ({"row": {"segmentation": "x"}}, "'segmentation'"),
        ({"row": {"segmentation": {"size": [24, 32], "counts": "~"}}}, "annotation 7.*runs"),
        ({"row": {"segmentation": {"size": [9, 9], "counts": "0"}}}, "the mask's size"),
        ({"row": {"segmentation": [[0, 0, 1, 1]]}}, "three points"),
        ({"row": {"category_id": 5}}, "category_id 5"),
        ({"row": {"image_id": 5}}, "image_id 5"),
        ({"image": {"height": None}}, r"image 1 \(row 0\): 'height' is None"),
        ({"image": {"spacing_mm": [1]}}, "'spacing_mm'"),
        ({"image": {"spacing_mm": [1, -1]}}, "column spacing is -1"),
        ({"image": {"spacing_mm": [1, 1], "spacing_source": "felt"}}, "spacing origin 'felt'"),
        ({"image": {"findings": ["late"]}}, "'findings'"),
        ({"image": {"findings": {"stage": {"late": 2}}}}, "expected 0 ... 1"),
        ({"image": {"findings": {"stage": {"late": "yes"}}}}, "'late' is 'yes'"),
        ({"image": {"quality": 3}}, "'quality'"),
        ({"image": {"flags": "bad"}}, "'flags'"),
        ({"image": {"annotated": 3}}, "'annotated'"),
        ({"image": {"patient_id": [1]}}, "'patient_id'"),
        ({"image": {"measurements": {}}}, "'measurements'"),
        ({"image": {"measurements": [3]}}, "'measurements'"),
        ({"measured": {"name": None}}, r"image 1 \(row 0\), measurement 0: 'name' is None"),
        ({"measured": {"value": "wide"}}, "'value'"),
        ({"measured": {"unit": "inch"}}, "unit 'inch'"),
        ({"measured": {"unit": ["px"]}}, "'unit'"),
        ({"measured": {"unit": "mm"}}, "without a known scale"),
        ({"measured": {"lower": 2, "upper": 1}}, "interval"),
        ({"measured": {"instance": 4}}, "belongs to instance 4"),
        ({"measured": {"instance": "first"}}, "'instance'"),
        ({"measured": {"scale_source": []}}, "'scale_source'"),
        ({"measured": {"flags": 1}}, "'flags'"),
    ],
)
def test_what_is_wrong_names_its_row(tmp_path, changes, message):
    with pytest.raises(DataError, match=message):
        read_readings(stored(tmp_path, document(**changes)))


@pytest.mark.parametrize(
    "content", ["", "{", "3", "{}", '{"images": 3}', '{"images": [3]}', "null"]
)
def test_other_files_are_refused(tmp_path, content):
    with pytest.raises(DataError, match=r"readings\.json"):
        read_readings(stored(tmp_path, content))


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DataError, match=r"readings\.json.*can't be opened"):
        read_readings(tmp_path)


def test_a_plain_coco_set_with_scores_is_read(tmp_path):
    content = document()
    del content["images"][0]["annotated"], content["images"][0]["measurements"]
    (reading,) = read_readings(stored(tmp_path, content))
    assert len(reading.instances) == 1
    assert readings_to_coco([reading])["annotations"][0]["score"] == 0.5
