from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from polyclinic.data import Cohort, open_cohort, to_coco, write_coco
from polyclinic.geometry import Homography, move_sample
from polyclinic.sample import Instance, Mask, Sample, Spacing
from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

from .datasets import HEIGHT, WIDTH, documents


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("cohort")
    Image.new("L", (WIDTH, HEIGHT)).save(folder / "a.png")
    (folder / "images").mkdir()
    Image.new("RGB", (WIDTH, HEIGHT)).save(folder / "images" / "b.png")
    return folder


@settings(max_examples=150, deadline=None)
@given(document=documents())
def test_reading_then_writing_gives_the_same_json(folder, document):
    path = folder / "annotations.json"
    path.write_text(json.dumps(document))
    cohort = open_cohort(path)
    assert cohort.unread == ()
    write_coco(cohort, folder / "again.json")
    assert json.loads((folder / "again.json").read_text()) == document


@settings(max_examples=40, deadline=None)
@given(document=documents())
def test_what_is_not_annotated_is_none(folder, document):
    path = folder / "annotations.json"
    path.write_text(json.dumps(document))
    rows = {row["id"]: row for row in document["annotations"]}
    for sample in open_cohort(path).samples:
        for instance in sample.instances or ():
            row = rows[instance.id]
            points = row.get("keypoints")
            complete = "landmarks" in (sample.annotated or ())
            assert (instance.mask is None) == (not row.get("segmentation"))
            assert (instance.landmarks is None) == (
                not points or (not any(points[2::3]) and not complete)
            )


def made() -> tuple[Instance, ...]:
    array = np.zeros((HEIGHT, WIDTH), bool)
    array[4:20, 6:12] = True
    array[8:10, 8] = False
    mask = Mask.from_array(array)
    landmarks = np.column_stack(
        [np.linspace(6, 11, 8), np.linspace(4.5, 19, 8), [2, 2, 1, 0, 2, 2, 1, 2]]
    )
    return (
        Instance(box=mask.box(), category=0, mask=mask, landmarks=landmarks),
        Instance(box=np.array([1.5, 2.5, 9.25, 7.0]), category=2, rater="second", labels={"kl": 3}),
    )


def test_a_cohort_made_here_is_read_back_as_it_was(folder):
    sample = Sample(
        image_id=7,
        size=(HEIGHT, WIDTH),
        file=str(folder / "images" / "b.png"),
        patient_id="p3",
        spacing=Spacing(row_mm=0.001, column_mm=0.002, origin="calibrated"),
        instances=made(),
        labels={"state": "early"},
        annotated=frozenset({"instances", "masks"}),
    )
    cohort = Cohort(
        samples=(sample, replace(sample, image_id=8, instances=(), annotated=None)),
        classes=NAILFOLD_CLASSES,
        landmark_schema=NAILFOLD_LANDMARKS,
    )
    write_coco(cohort, folder / "deeper" / "cohort.json")
    again = open_cohort(folder / "deeper" / "cohort.json")
    assert not again.skipped
    assert (again.classes, again.landmark_schema) == (NAILFOLD_CLASSES, NAILFOLD_LANDMARKS)
    first, empty = again.samples
    assert empty.instances == ()
    assert Path(first.file).samefile(sample.file)
    for key in ("size", "patient_id", "spacing", "labels", "annotated"):
        assert getattr(first, key) == getattr(sample, key)
    for read, one in zip(first.instances, sample.instances, strict=True):
        assert (read.box == one.box).all()
        assert (read.category, read.rater, read.crowd) == (one.category, one.rater, one.crowd)
        assert read.labels == one.labels
    assert (first.instances[0].landmarks == sample.instances[0].landmarks).all()
    assert (first.instances[0].mask.array() == sample.instances[0].mask.array()).all()
    assert first.instances[1].mask is first.instances[1].landmarks is None


def test_what_was_moved_is_written_anew(folder):
    """Stale polygons, boxes, areas and keypoints must not survive a change of geometry."""
    document = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 4, "name": "x", "keypoints": ["p", "q"]}],
        "annotations": [
            {
                "id": 9,
                "image_id": 1,
                "category_id": 4,
                "bbox": [2, 3, 6, 5],
                "area": 30,
                "segmentation": [[2, 3, 8, 3, 8, 8, 2, 8]],
                "keypoints": [2, 3, 2, 7, 7, 1],
                "num_keypoints": 2,
                "note": "kept",
            }
        ],
    }
    path = folder / "annotations.json"
    path.write_text(json.dumps(document))
    cohort = open_cohort(path)
    shift = Homography.translation(5, -1)
    moved = move_sample(cohort.samples[0], shift, (HEIGHT, WIDTH), cohort.landmark_schema)
    (row,) = to_coco(replace(cohort, samples=(moved,)))["annotations"]
    assert row["bbox"] == [7, 2, 6, 5]
    assert row["keypoints"] == [7, 2, 2, 12, 6, 1]
    assert row["area"] == 30
    assert row["note"] == "kept"
    assert isinstance(row["segmentation"], dict)


def test_rows_that_can_not_be_used_are_still_written_back(folder):
    document = {
        "images": [{"id": 1, "file_name": "a.png"}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [
            {"id": 3, "image_id": 1, "category_id": 1, "bbox": [1, 1, 0, 5]},
            {"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 5]},
        ],
    }
    path = folder / "annotations.json"
    path.write_text(json.dumps(document))
    cohort = open_cohort(path)
    assert cohort.samples[0].instances is None
    assert "annotation 3 (row 0)" in str(cohort.skipped[0])
    assert to_coco(cohort) == document


def test_the_digest_follows_the_annotations_and_not_the_place(folder, tmp_path):
    document = {
        "images": [{"id": 1, "file_name": "a.png", "height": HEIGHT, "width": WIDTH}],
        "categories": [{"id": 1, "name": "x"}],
        "annotations": [{"id": 2, "image_id": 1, "category_id": 1, "bbox": [1, 1, 4, 5]}],
    }
    Image.new("L", (WIDTH, HEIGHT)).save(tmp_path / "a.png")
    digests = []
    for place, width in ((folder, 4), (tmp_path, 4), (tmp_path, 5)):
        document["annotations"][0]["bbox"][2] = width
        (place / "one.json").write_text(json.dumps(document))
        digests.append(open_cohort(place / "one.json").digest())
    assert digests[0] == digests[1] != digests[2]
