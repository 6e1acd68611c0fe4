"""Whatever stands anywhere in a COCO file, the answer is a cohort or one clear message."""

from __future__ import annotations

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, split_cohort, to_coco
from polyclinic.errors import DataError

SOUND = {
    "info": {},
    "images": [
        {
            "id": 1,
            "file_name": "a.png",
            "width": 32,
            "height": 24,
            "patient_id": "p",
            "spacing_mm": [0.1, 0.1],
            "spacing_source": "detector",
            "labels": {"stage": 1},
            "annotated": ["instances"],
            "split": "train",
        }
    ],
    "categories": [
        {
            "id": 1,
            "name": "x",
            "keypoints": ["p", "q"],
            "skeleton": [[1, 2]],
            "swap": [["p", "q"]],
            "sigmas": [0.1, 0.1],
        }
    ],
    "annotations": [
        {
            "id": 1,
            "image_id": 1,
            "category_id": 1,
            "bbox": [1, 1, 5, 5],
            "area": 25,
            "segmentation": [[1, 1, 6, 1, 6, 6]],
            "keypoints": [1, 1, 2, 3, 3, 1],
            "num_keypoints": 2,
            "iscrowd": 0,
            "rater": "r",
            "score": 0.5,
        },
        {
            "id": 2,
            "image_id": 1,
            "category_id": 1,
            "bbox": [1, 1, 5, 5],
            "segmentation": {"size": [24, 32], "counts": [100, 5, 663]},
        },
    ],
}


def places(value, path=()):
    yield path
    rows = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in rows:
        if isinstance(inner, dict | list):
            yield from places(inner, (*path, key))
        else:
            yield (*path, key)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-3, 40)
    | st.sampled_from([10**400, -(10**400), 2**63, 1e300, float("nan"), float("inf")])
    | st.text("ab0é\x00", max_size=3)
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(["size", "counts", "id", "a"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("any")
    Image.new("L", (32, 24)).save(folder / "a.png")
    return folder


@settings(max_examples=400, deadline=None)
@given(place=st.sampled_from(list(places(SOUND))), value=anything)
def test_a_cohort_or_one_message(folder, place, value):
    document = copy.deepcopy(SOUND)
    if place:
        *way, last = place
        inner = document
        for key in way:
            inner = inner[key]
        inner[last] = value
    else:
        document = value
    path = folder / "set.json"
    path.write_text(json.dumps(document))
    errors = check_cohort(path).count("error")
    try:
        cohort = open_cohort(path)
    except DataError:
        assert errors
        return
    assert len(cohort.facts().class_counts) == len(cohort.classes)
    to_coco(cohort)
    if len(cohort):
        split_cohort(cohort, (1, 0, 0))
