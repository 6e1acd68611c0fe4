from __future__ import annotations

import base64
import io
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
        "imagePath": f"..\\{folder.name}\\{stem}.jpg",
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
    assert debris.mask is None
    assert debris.box.tolist() == [49.5, 49.5, 59.5, 55.5]


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
        {"label": "normal", "points": [[1, 1], [5, 5]], "shape_type": "linestrip"},
        {"label": "normal", "points": "no"},
        {"points": []},
        polygon("normal", 200, 200),
        point("up", 3, 3, None),
        point("up", 3, 4, None),
        point("up", 3, 3, 1),
        point("up", 4, 4, 1),
        point("down", 150, 4, 2),
        point("up", 14, 14, 2),
    ]
    save(tmp_path, "8_1_1", shapes)
    cohort = open_cohort(tmp_path)
    assert cohort.samples[0].instances is None
    said = " | ".join(map(str, cohort.skipped))
    for words in (
        "shape 1: a polygon of 2 points",
        "shape 2: a coordinate is not finite",
        "shape 3: is a linestrip",
        "shape 4: points can't be read",
        "shape 5: has no label",
        "shape 6: covers no pixel",
        "group None: 2 points without group_id, up twice",
        "group 1: up twice in one group",
        "group 2: outside the image: down",
    ):
        assert words in said
    assert len(cohort.skipped) == 9
    assert set(cohort.skipped) <= set(check_cohort(tmp_path).findings)


@pytest.mark.parametrize(
    "broken",
    [
        {"label": "normal", "points": [[1, 1], [5, 5]], "shape_type": "line"},
        polygon("normal", 200, 200),
        {"label": "normal", "points": [[5, 5], [9, 9]], "shape_type": "mask", "mask": "no"},
    ],
)
def test_an_image_with_a_shape_that_can_not_be_read_is_not_annotated(tmp_path, broken):
    save(tmp_path, "8_1_1", [polygon("normal", 10, 10), broken])
    save(tmp_path, "8_1_2", [polygon("normal", 10, 10)])
    cohort = open_cohort(tmp_path)
    assert [one.instances is None for one in cohort.samples] == [True, False]
    (finding,) = cohort.skipped
    assert (finding.row, finding.severity) == ("shape 1", "error")
    assert finding.file.endswith("8_1_1.json")
    assert "count as not annotated" in finding.hint


def test_points_that_can_not_be_read_leave_the_outlines(tmp_path):
    shapes = [polygon("cell", 10, 10), point("tip", 12, 12, 1), point("tip", 13, 12, 1)]
    save(tmp_path, "a", [*shapes, polygon("cell", 40, 10), point("tip", 42, 12, 2)])
    first, second = open_cohort(tmp_path).samples[0].instances
    assert first.landmarks is None
    assert second.landmarks.tolist() == [[41.5, 11.5, 2]]


def test_circles_and_masks_are_outlines_and_boxes_are_none(tmp_path):
    picture = io.BytesIO()
    drawn = np.ones((21, 11), bool)
    drawn[0] = False
    Image.fromarray(drawn).save(picture, "PNG")
    encoded = base64.b64encode(picture.getvalue()).decode()
    corners = [[60, 30], [70, 30], [70, 40], [60, 40]]
    turned = [[80, 20], [90, 30], [80, 40], [70, 30]]
    shapes = [
        {"label": "cell", "points": [[20, 20], [25, 20]], "shape_type": "circle"},
        {"label": "cell", "points": [[30, 10], [40, 30]], "shape_type": "mask", "mask": encoded},
        {"label": "cell", "points": corners, "shape_type": "rectangle"},
        {"label": "cell", "points": turned, "shape_type": "rotation", "direction": 0.8},
        {"label": "cell", "points": [10, 30, "20", 30, 20, "40.0", 10, 40]},
    ]
    save(tmp_path, "a", shapes)
    cohort = open_cohort(tmp_path)
    circle, mask, box, rotated, flat = cohort.samples[0].instances
    assert circle.mask.area == pytest.approx(np.pi * 25, rel=0.03)
    assert circle.box.tolist() == [14.5, 14.5, 24.5, 24.5]
    assert mask.mask.area == 220
    assert mask.box.tolist() == [29.5, 10.5, 40.5, 30.5]
    assert (box.mask, rotated.mask) == (None, None)
    assert box.box.tolist() == [59.5, 29.5, 69.5, 39.5]
    assert rotated.box.tolist() == [69.5, 19.5, 89.5, 39.5]
    assert flat.mask.area == 100
    assert not cohort.skipped


def test_the_written_path_is_the_image_whatever_lies_beside(tmp_path):
    save(tmp_path / "drawn", "a", [polygon("cell", 10, 10)], imagePath="..\\images\\a.jpg")
    (tmp_path / "images").mkdir()
    (tmp_path / "drawn" / "a.jpg").rename(tmp_path / "images" / "a.jpg")
    Image.new("L", (100, 60)).save(tmp_path / "drawn" / "a.png")
    cohort = open_cohort(tmp_path)
    assert cohort.samples[0].file == str(tmp_path / "images" / "a.jpg")
    assert cohort.samples[0].image_id == "images/a.jpg"
    assert not cohort.skipped


def test_an_image_beside_the_file_is_taken_aloud(tmp_path):
    save(tmp_path, "a", [polygon("cell", 10, 10)], imagePath="C:\\Users\\me\\a.jpg")
    save(tmp_path, "b", [polygon("cell", 10, 10)], imagePath="b.tif")
    cohort = open_cohort(tmp_path)
    assert [one.image_id for one in cohort.samples] == ["a.jpg", "b.jpg"]
    (finding,) = cohort.skipped
    assert finding.severity == "warning"
    assert "a.jpg is taken instead; so it is with 2 of 2 images" in finding.what


def test_two_files_of_one_image_are_refused(tmp_path):
    save(tmp_path, "a", [polygon("cell", 10, 10)])
    save(tmp_path, "b", [polygon("cell", 10, 10)], imagePath="a.jpg")
    with pytest.raises(DataError, match=r"is of the image a\.jpg"):
        open_cohort(tmp_path)


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
