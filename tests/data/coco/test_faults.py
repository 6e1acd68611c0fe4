"""Every fault of a COCO file: what opening does, and what the check says."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
from faster_coco_eval.core import mask as coco_mask
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, to_coco
from polyclinic.errors import DataError

SOUND = {
    "images": [
        {"id": 1, "file_name": "a.png", "width": 32, "height": 24},
        {"id": 2, "file_name": "b.png", "width": 32, "height": 24},
    ],
    "categories": [{"id": 5, "name": "loop", "keypoints": ["p", "q"]}, {"id": 3, "name": "spot"}],
    "annotations": [
        {"id": 10, "image_id": 1, "category_id": 5, "bbox": [1, 1, 5, 5]},
        {"id": 11, "image_id": 1, "category_id": 3, "bbox": [4, 4, 9, 9]},
    ],
}


@pytest.fixture
def write(tmp_path):
    random = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        Image.fromarray(random.integers(0, 255, (24, 32)).astype(np.uint8)).save(tmp_path / name)

    def write(document) -> str:
        path = tmp_path / "set.json"
        path.write_text(document if isinstance(document, str) else json.dumps(document))
        return str(path)

    return write


def changed(key: str, row: int, **values) -> dict:
    document = copy.deepcopy(SOUND)
    document[key][row] |= values
    return document


def test_a_sound_file_opens_without_a_word(write):
    cohort = open_cohort(write(SOUND))
    assert not cohort.skipped
    assert cohort.classes == ("spot", "loop")
    assert [one.category for one in cohort.samples[0].instances] == [1, 0]
    assert cohort.samples[1].instances == ()
    assert not check_cohort(write(SOUND)).count("error")


BOX_FAULTS = {
    "has no area": {"bbox": [1, 1, 0, 5]},
    "not finite": {"bbox": [1, float("nan"), 3, 5]},
    "outside the image": {"bbox": [40, 1, 3, 5]},
    "bbox is": {"bbox": [1, 2, 3]},
    "neither": {"bbox": None},
}
MASK_FAULTS = {
    "less than three points": {"segmentation": [[1, 1, 5, 5]]},
    "far outside": {"segmentation": [[1, 1, 5, 5, float("inf"), 3]]},
    "mask is empty": {"segmentation": {"size": [24, 32], "counts": [24 * 32]}},
    "mask's size": {"segmentation": {"size": [32, 24], "counts": [24 * 32]}},
    "fill the image": {"segmentation": {"size": [24, 32], "counts": [5, 5]}},
    "no compressed runs": {"segmentation": {"size": [24, 32], "counts": "~~"}},
    "no mask": {"segmentation": 7},
}
LANDMARK_FAULTS = {
    "hold 5 values": {"keypoints": [1, 1, 2, 3, 3]},
    "visibility is 3": {"keypoints": [1, 1, 2, 3, 3, 3]},
    "number that is not finite": {"keypoints": [1, 1, 2, float("nan"), 3, 1]},
}


def named(cohort, path, message):
    (finding,) = cohort.skipped
    assert finding.severity == "error"
    assert message in finding.what
    assert finding.row == "annotation 10 (row 0)"
    assert finding.file == path
    assert finding in check_cohort(path).findings
    return finding


@pytest.mark.parametrize("message", BOX_FAULTS)
def test_an_image_with_an_object_that_can_not_be_read_is_not_annotated(write, message):
    document = changed("annotations", 0, **BOX_FAULTS[message])
    document["images"][0]["annotated"] = ["instances", "stage"]
    path = write(document)
    cohort = open_cohort(path)
    first, second = cohort.samples
    assert (first.instances, first.annotated) == (None, {"stage"})
    assert second.instances == ()
    finding = named(cohort, path, message)
    assert "the objects of the image count as not annotated" in finding.hint
    again = to_coco(cohort)
    for key in ("images", "annotations"):
        assert json.dumps(again[key], sort_keys=True) == json.dumps(document[key], sort_keys=True)


@pytest.mark.parametrize("message", BOX_FAULTS)
def test_an_outlined_object_needs_no_box(write, message):
    if message == "neither":
        return
    outline = [[1, 1, 6, 1, 6, 6, 1, 6]]
    path = write(changed("annotations", 0, segmentation=outline, **BOX_FAULTS[message]))
    cohort = open_cohort(path)
    first, _ = cohort.samples[0].instances
    assert first.box.tolist() == [0.5, 0.5, 5.5, 5.5]
    assert "around the mask" in named(cohort, path, message).hint


@pytest.mark.parametrize(
    ("message", "kind"),
    [*((one, "mask") for one in MASK_FAULTS), *((one, "landmarks") for one in LANDMARK_FAULTS)],
)
def test_a_broken_mask_or_landmark_leaves_the_object(write, message, kind):
    document = changed("annotations", 0, **(MASK_FAULTS | LANDMARK_FAULTS)[message])
    path = write(document)
    cohort = open_cohort(path)
    first, second = cohort.samples[0].instances
    assert (first.id, second.id) == (10, 11)
    assert (first.mask, first.landmarks) == (None, None)
    assert f"the {kind} of the object count" in named(cohort, path, message).hint
    again = json.dumps(to_coco(cohort)["annotations"], sort_keys=True)
    assert again == json.dumps(document["annotations"], sort_keys=True)


SQUARE = [1, 1, 6, 1, 6, 6, 1, 6]
RUNS = coco_mask.frPyObjects([SQUARE], 24, 32)[0]["counts"]


@pytest.mark.parametrize(
    "segmentation",
    [
        SQUARE,
        [[str(value) for value in SQUARE]],
        [[1, 1], [6, 1], [6, 6], [1, 6]],
        [[[1, 1], [6, 1], [6, 6], [1, 6]]],
        [[], SQUARE],
        {"size": [24, 32], "counts": str(RUNS)},
        {"size": ["24", "32"], "counts": RUNS.decode()},
        {"size": [24, 32], "counts": ["25", "5", *["19", "5"] * 4, "642"]},
        json.dumps([SQUARE]),
        RUNS.decode(),
    ],
)
def test_masks_as_other_programs_write_them(write, segmentation):
    box = ["1", "1", "5", "5.0"]
    path = write(changed("annotations", 0, segmentation=segmentation, bbox=box))
    cohort = open_cohort(path)
    first, _ = cohort.samples[0].instances
    assert not cohort.skipped
    assert first.mask.area == 25
    assert first.mask.box().tolist() == first.box.tolist() == [0.5, 0.5, 5.5, 5.5]
    again = open_cohort(write(to_coco(cohort)))
    assert again.samples[0].instances[0].mask.area == 25


def test_an_empty_polygon_is_no_mask(write):
    cohort = open_cohort(write(changed("annotations", 0, segmentation=[[]])))
    assert cohort.samples[0].instances[0].mask is None
    assert not cohort.skipped


@pytest.mark.parametrize(
    ("named", "lies"),
    [
        ("images\\a b.png", "images/a b.png"),
        ("images/a%20b.png", "images/a b.png"),
        ("IMAGES/A B.PNG", "images/a b.png"),
        ("a b.png", "images/a b.png"),
        ("mu\u0308ller.png", "m\u00fcller.png"),
        ("m\u00fcller.png", "images/mu\u0308ller.png"),
    ],
)
def test_paths_as_other_systems_write_them(write, tmp_path, named, lies):
    path = write(changed("images", 0, file_name=named))
    (tmp_path / "images").mkdir()
    (tmp_path / "a.png").rename(tmp_path / lies)
    assert open_cohort(path).samples[0].file == str(tmp_path / lies)


def test_a_path_that_may_mean_two_files_is_missing(write, tmp_path):
    path = write(changed("images", 0, file_name="ONE.png"))
    for name in ("one.png", "One.png"):
        Image.new("L", (32, 24)).save(tmp_path / name)
    with pytest.raises(DataError, match="missing"):
        open_cohort(path)


def test_landmarks_outside_count_as_not_labelled(write):
    path = write(changed("annotations", 0, keypoints=[1, 1, 2, 40, 3, 2], num_keypoints=2))
    cohort = open_cohort(path)
    assert cohort.samples[0].instances[0].landmarks[:, 2].tolist() == [2, 0]
    (finding,) = cohort.skipped
    assert (finding.severity, finding.what) == ("warning", "landmarks outside the image: q")


def test_a_box_beyond_the_edge_is_clipped(write):
    cohort = open_cohort(write(changed("annotations", 0, bbox=[-4, 2, 10, 60])))
    assert cohort.samples[0].instances[0].box.tolist() == [-0.5, 1.5, 5.5, 23.5]
    assert cohort.skipped[0].severity == "warning"


def test_all_zero_keypoints_are_annotated_only_where_the_image_says_so(write):
    zeros = changed("annotations", 0, keypoints=[0] * 6, num_keypoints=0)
    assert open_cohort(write(zeros)).samples[0].instances[0].landmarks is None
    zeros["images"][0]["annotated"] = ["instances", "landmarks"]
    landmarks = open_cohort(write(zeros)).samples[0].instances[0].landmarks
    assert landmarks.shape == (2, 3)
    assert not landmarks.any()


def test_an_image_without_rows_is_empty_unless_it_was_not_annotated(write):
    assert open_cohort(write(SOUND)).samples[1].instances == ()
    kinds = changed("images", 1, annotated=["stage"], labels={"stage": 2, "site": None})
    sample = open_cohort(write(kinds)).samples[1]
    assert sample.instances is None
    assert sample.labels == {"stage": 2}
    labels_only = {"images": SOUND["images"]}
    assert open_cohort(write(labels_only)).samples[0].instances is None


FATAL = {
    "image_id 9": changed("annotations", 0, image_id=9),
    "category_id 9": changed("annotations", 0, category_id=9),
    "id 11 is used twice": changed("annotations", 0, id=11),
    "id 2 is used twice": changed("images", 0, id=2),
    "id 3 is used twice": changed("categories", 0, id=3),
    "'id' is None": changed("annotations", 0, id=None),
    r"'id' is \[1\]": changed("annotations", 0, id=[1]),
    "'file_name' is None": changed("images", 0, file_name=None),
    "'width' is -3": changed("images", 0, width=-3),
    "no list of images": {"info": {}},
    "'annotations' is no list": SOUND | {"annotations": {}},
    "is no object": SOUND | {"annotations": [1]},
    "is no JSON": '{"images": [',
    "named 'loop'": changed("categories", 1, name="loop"),
    "different keypoints": changed("categories", 1, keypoints=["q", "p"]),
    "skeleton": changed("categories", 0, skeleton=[[0, 1]]),
    "not in the schema": changed("categories", 0, swap=[["p", "x"]]),
    "c.png is missing": changed("images", 0, file_name="c.png"),
}


@pytest.mark.parametrize("message", FATAL)
def test_a_broken_structure_is_refused_and_checked(write, message):
    path = write(FATAL[message])
    with pytest.raises(DataError, match=message) as caught:
        open_cohort(path)
    assert path in str(caught.value)
    assert check_cohort(path).count("error") >= 1


def test_many_faults_make_one_message(write):
    document = copy.deepcopy(SOUND)
    document["annotations"] = [{"id": n, "image_id": 77, "bbox": [1, 1, 2, 2]} for n in range(50)]
    with pytest.raises(DataError, match="and 47 more"):
        open_cohort(write(document))


def test_what_an_image_says_wrongly_is_left_out(write):
    path = write(changed("images", 0, spacing_mm=[0, 1], labels=[1], annotated="all"))
    cohort = open_cohort(path)
    sample = cohort.samples[0]
    assert not sample.spacing.known
    assert (sample.labels, sample.annotated) == ({}, None)
    assert len(cohort.skipped) == 3


@pytest.mark.parametrize("text", ["", "[]", "1", '{"images": 3}', "\udcff", '{"images": [{}]}'])
def test_other_text_is_refused(tmp_path, text):
    path = tmp_path / "set.json"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(DataError):
        open_cohort(path)
    assert check_cohort(path).count("error")


def test_boxes_that_an_exporter_wrote_as_outlines_are_warned_of(write):
    document = copy.deepcopy(SOUND)
    document["annotations"] = [
        {
            "id": n,
            "image_id": 1,
            "category_id": 3,
            "segmentation": [[n, 2, n + 9, 2, n + 9, 9, n, 9]],
        }
        for n in range(10)
    ]
    what = "all 10 masks fill their boxes"
    assert any(one.what == what for one in check_cohort(write(document)).findings)
    document["annotations"][0]["segmentation"] = [[0, 2, 9, 2, 9, 9]]
    assert not any("fill" in one.what for one in check_cohort(write(document)).findings)
