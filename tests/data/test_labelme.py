from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from polyclinic.data import check_cohort, open_cohort, to_coco
from polyclinic.errors import DataError
from polyclinic.schema import NAILFOLD_CLASSES, NAILFOLD_LANDMARKS

NAMES = (
    "up",
    "down",
    "left-left",
    "left-right",
    "right-left",
    "right-right",
    "left-bottom",
    "right-bottom",
)


def polygon(label, x, y, w=20, h=30, group=None, **more):
    points = [[x, y], [x + w, y], [x + w, y + h], [x, y + h]]
    return {"label": label, "points": points, "group_id": group, "shape_type": "polygon"} | more


def point(label, x, y, group):
    return {"label": label, "points": [[x, y]], "group_id": group, "shape_type": "point"}


def loop(x, y, group):
    return [point(name, x + 2 * n, y + 3 * n, group) for n, name in enumerate(NAMES)]


def save(folder, stem, shapes, size=(60, 100), **more):
    folder.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size[::-1]).save(folder / f"{stem}.jpg")
    document = {
        "shapes": shapes,
        "imagePath": f"..\\elsewhere\\{stem}.jpg",
        "imageHeight": size[0],
        "imageWidth": size[1],
    } | more
    (folder / f"{stem}.json").write_text(json.dumps(document))


def test_outlines_and_points_of_two_folders_are_one_image(tmp_path):
    save(
        tmp_path / "ANFC_THU_segmentation",
        "9_60031_3",
        [polygon("abnormal", 60, 10), polygon("normal", 10, 10), polygon("hemo", 40, 50, 5, 5)],
    )
    points = [*loop(12, 12, 4), point("conj-1", 15, 20, 4), *loop(62, 12, 7)]
    save(tmp_path / "ANFC_THU_keypoint", "9_60031_3", points)
    cohort = open_cohort(tmp_path)
    assert (cohort.classes, cohort.landmark_schema) == (NAILFOLD_CLASSES, NAILFOLD_LANDMARKS)
    (sample,) = cohort.samples
    assert sample.patient_id == "60031"
    names = [cohort.classes[one.category] for one in sample.instances]
    assert names == ["abnormal", "normal", "haemorrhage"]
    abnormal, normal, haemorrhage = sample.instances
    assert haemorrhage.landmarks is None
    expected = np.array([[12 + 2 * n - 0.5, 12 + 3 * n - 0.5, 2] for n in range(8)])
    assert (normal.landmarks == expected).all()
    assert (abnormal.landmarks[:, 0] == expected[:, 0] + 50).all()
    assert normal.extra == {"crossing": [[14.5, 19.5]]}
    assert normal.mask.area == 600
    assert normal.box.tolist() == [9.5, 9.5, 29.5, 39.5]
    assert not cohort.skipped


def test_equal_names_elsewhere_are_other_images(tmp_path):
    for folder in ("one", "two"):
        save(tmp_path / folder, "1", [polygon("cell", 10, 10)])
    assert [s.image_id for s in open_cohort(tmp_path).samples] == ["one/1.jpg", "two/1.jpg"]


def test_other_labels_become_classes_and_landmarks(tmp_path):
    shapes = [
        polygon("nucleus", 10, 10, group=1),
        polygon("nucleus", 40, 10, 4, 4, group=1),
        {"label": "debris", "points": [[50, 50], [60, 56]], "shape_type": "rectangle"},
        point("tip", 41, 12, 1),
        point("base", 90, 50, 1),
    ]
    save(tmp_path, "img_1_2", shapes)
    cohort = open_cohort(tmp_path)
    assert cohort.classes == ("debris", "nucleus")
    assert cohort.landmark_schema.names == ("base", "tip")
    (sample,) = cohort.samples
    assert sample.patient_id is None
    nucleus, debris = sample.instances
    assert nucleus.mask.area == 616
    assert nucleus.landmarks.tolist() == [[89.5, 49.5, 2], [40.5, 11.5, 2]]
    assert debris.mask.area == 60


def test_points_without_outline_make_a_box_around_them(tmp_path):
    save(tmp_path, "8_1_1", loop(30, 20, 0))
    (instance,) = open_cohort(tmp_path).samples[0].instances
    assert instance.category is None
    assert instance.mask is None
    assert instance.box.tolist() == [9.5, -0.5, 63.5, 59.5]


def test_shapes_that_can_not_be_used_are_named(tmp_path):
    shapes = [
        polygon("normal", 10, 10),
        {"label": "normal", "points": [[1, 1], [2, 2]], "shape_type": "polygon"},
        {"label": "normal", "points": [[1, 1], [5, 5], [float("nan"), 3]]},
        {"label": "normal", "points": [[1, 1], [5, 5]], "shape_type": "circle"},
        {"label": "normal", "points": "no"},
        {"points": []},
        polygon("normal", 200, 200),
        point("up", 3, 3, None),
        point("up", 3, 3, 1),
        point("up", 4, 4, 1),
        point("down", 150, 4, 2),
        point("up", 14, 14, 2),
    ]
    save(tmp_path, "8_1_1", shapes)
    cohort = open_cohort(tmp_path)
    (instance,) = cohort.samples[0].instances
    assert instance.landmarks[:, 2].tolist() == [2, 0, 0, 0, 0, 0, 0, 0]
    said = " | ".join(map(str, cohort.skipped))
    for words in (
        "shape 1: a polygon of 2 points",
        "shape 2: a coordinate is not finite",
        "shape 3: is a circle",
        "shape 4: points can't be read",
        "shape 5: has no label",
        "shape 6: covers no pixel",
        "group None: 1 points without group_id",
        "group 1: up twice in one group",
        "group 2: outside the image: down",
    ):
        assert words in said
    assert len(cohort.skipped) == 9
    assert set(cohort.skipped) <= set(check_cohort(tmp_path).findings)


def test_shapes_that_cleaning_did_not_keep_are_void(tmp_path):
    save(tmp_path, "8_1_1", [polygon("blur", 10, 10, valid=1), polygon("normal", 50, 10)])
    assert [one.category for one in open_cohort(tmp_path).samples[0].instances] == [1]


def test_an_image_of_another_size_keeps_no_annotations(tmp_path):
    save(tmp_path, "8_1_1", [polygon("normal", 10, 10)], imageHeight=120, imageWidth=200)
    cohort = open_cohort(tmp_path)
    assert cohort.samples[0].instances is None
    assert "200 x 120" in cohort.skipped[0].what


def test_a_missing_image_is_refused(tmp_path):
    save(tmp_path, "8_1_1", [])
    (tmp_path / "8_1_1.jpg").unlink()
    with pytest.raises(DataError, match="missing"):
        open_cohort(tmp_path)


def test_as_coco_it_opens_the_same(tmp_path):
    save(tmp_path, "8_5_1", [polygon("normal", 10, 10), *loop(12, 12, 4)])
    cohort = open_cohort(tmp_path)
    (tmp_path / "again").mkdir()
    path = tmp_path / "again" / "set.json"
    path.write_text(json.dumps(to_coco(cohort, path.parent)))
    again = open_cohort(path)
    (before,), (after,) = cohort.samples[0].instances, again.samples[0].instances
    assert (after.landmarks == before.landmarks).all()
    assert (after.mask.array() == before.mask.array()).all()
    assert again.samples[0].patient_id == "5"
