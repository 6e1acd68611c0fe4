"""Real files: nobody's phantom."""

from __future__ import annotations

import json

import pytest

from polyclinic.data import open_cohort, to_coco


@pytest.mark.parametrize("name", ["dsb2018_nuclei", "bccd_blood_boxes"])
def test_reading_then_writing_changes_nothing(shared_data, name):
    path = shared_data / name / "annotations_coco.json"
    cohort = open_cohort(path.parent)
    assert to_coco(cohort) == json.loads(path.read_text())
    assert not cohort.skipped


def test_mask_areas_are_those_of_the_file(shared_data):
    cohort = open_cohort(shared_data / "dsb2018_nuclei")
    assert cohort.facts().counts == {
        "instances": 18281,
        "boxes": 18281,
        "masks": 18281,
        "landmarks": 0,
        "labels": 0,
        "sharp": 0,
    }
    for sample in cohort.samples[:50]:
        for instance in sample.instances:
            assert instance.mask.area == instance.extra["area"]
            assert (instance.mask.box() == instance.box).all()


def test_boxes_without_masks(shared_data):
    cohort = open_cohort(shared_data / "bccd_blood_boxes")
    facts = cohort.facts()
    assert facts.annotates("boxes")
    assert not facts.annotates("masks")
    assert not facts.annotates("landmarks")
    assert cohort.load(0).pixels.shape == (480, 640, 3)
