from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import Cohort, Facts
from polyclinic.errors import DataError
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("p", "q"))


@pytest.fixture
def cohort(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (20, 30, 3)).astype(np.uint8)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    mask = Mask.from_array(np.eye(20, 30, dtype=bool))
    instances = (
        Instance(box=mask.box(), category=1, mask=mask),
        Instance(box=mask.box(), category=0, landmarks=np.array([[1, 2, 2], [0, 0, 0.0]])),
        Instance(box=mask.box()),
    )
    file = str(tmp_path / "a.png")
    return Cohort(
        samples=(
            Sample(image_id=1, size=(20, 30), file=file, patient_id="p", instances=instances),
            Sample(image_id=2, size=(20, 30), file=file, patient_id="p", labels={"stage": 2}),
            Sample(image_id=3, size=(20, 30), labels={"stage": 10}, instances=()),
        ),
        classes=("a", "b"),
        landmark_schema=SCHEMA,
        unread=({"id": 9, "image_id": 2},),
    )


def test_facts_count_what_is_annotated(cohort):
    facts = cohort.facts()
    assert (facts.images, facts.patients) == (3, 1)
    assert facts.counts == {
        "instances": 3,
        "boxes": 3,
        "masks": 1,
        "landmarks": 1,
        "labels": 2,
        "sharp": 0,
    }
    assert facts.class_counts == {"a": 1, "b": 1}
    assert facts.label_values == {"stage": (2, 10)}
    assert facts.label_counts == {"stage": (1, 1)}
    assert all(facts.annotates(kind) for kind in ("instances", "masks", "landmarks", "stage"))
    assert not cohort.subset([1]).facts().annotates("instances")
    assert cohort.subset([2]).facts().annotates("instances")
    assert not cohort.subset([2]).facts().annotates("masks")
    assert cohort.subset([2]).facts().patients is None


def test_loading_adds_the_pixels_alone(cohort):
    loaded = cohort.load(0)
    assert loaded.pixels.dtype == np.uint8
    assert loaded.instances is cohort.samples[0].instances
    assert cohort.samples[0].image is None
    with pytest.raises(DataError, match="neither pixels nor a file"):
        cohort.load(2)


def test_a_part_keeps_the_rows_of_its_images(cohort):
    part = cohort.subset([2, 1])
    assert [sample.image_id for sample in part.samples] == [3, 2]
    assert part.unread == cohort.unread
    assert cohort.subset([0]).unread == ()


def test_a_cohort_travels_to_another_process(cohort):
    cohort.facts()
    again = pickle.loads(pickle.dumps(cohort))
    assert again.digest() == cohort.digest()
    assert (again.load(0).pixels == cohort.load(0).pixels).all()


def test_what_is_estimated_comes_from_the_training_images_alone():
    points = np.array([[20.0, 20, 2], [40, 40, 2]])
    samples = tuple(
        Sample(
            image_id=row,
            size=(100, 100),
            instances=(
                Instance(
                    box=np.array([20 - wide, 20 - wide, 40 + wide, 40 + wide], float),
                    category=row % 2,
                    landmarks=points,
                ),
            ),
        )
        for row, wide in enumerate((2, 2, 10))
    )
    cohort = Cohort(
        samples=samples, classes=("a", "b"), landmark_schema=LandmarkSchema(names=("p", "q"))
    )
    facts = cohort.training_facts([0])
    assert facts.images == 1
    assert facts.class_counts == {"a": 1, "b": 0}
    assert facts.not_taught == {"classes": ["b"]}
    assert facts.landmark_margins == cohort.subset([0, 1]).facts().landmark_margins
    assert facts.landmark_margins != cohort.subset([2]).facts().landmark_margins


def test_label_counts_are_those_of_the_training_images_and_survive_json():
    values = ("implant", "native", "native", True, 1.5, None)
    cohort = Cohort(
        samples=tuple(
            Sample(image_id=row, size=(4, 4), labels={} if value is None else {"knee": value})
            for row, value in enumerate(values)
        )
    )
    facts = cohort.training_facts([1, 2, 5])
    assert facts.label_values == {"knee": ("native",)}
    assert facts.label_counts == {"knee": (2,)}
    assert facts.not_taught == {"labels": {"knee": [True, 1.5, "implant"]}}
    assert cohort.facts().label_counts == {"knee": (1, 1, 1, 2)}
    document = json.loads(json.dumps(facts.to_json()))
    assert Facts.from_json(document) == facts
    del document["label_counts"]
    assert Facts.from_json(document).label_counts == {}
