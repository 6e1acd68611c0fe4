import json

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from polyclinic.data import Cohort
from polyclinic.errors import DataError
from polyclinic.metrics.coco_ap import average_precision
from polyclinic.runtime.stored import pair_with, read_readings
from polyclinic.sample import Instance, Mask, Sample
from polyclinic.sample.coco_values import coco_box
from polyclinic.sample.rle import mask_to_coco

from .readings import CLASSES, SCHEMA, SIZE


def block(left, **known):
    full = np.zeros(SIZE, bool)
    full[4:16, left : left + 8] = True
    mask = Mask.from_array(full)
    return Instance(box=mask.box(), mask=mask, category=1, **known)


def cohort(*instances, **known):
    samples = tuple(
        Sample(image_id=number, size=SIZE, file=f"/data/{number}.png", instances=found)
        for number, found in enumerate(instances, start=10)
    )
    return Cohort(samples=samples, classes=CLASSES, landmark_schema=SCHEMA, **known)


ONE = cohort((block(2), block(14)), (block(20),))
ROW = {"image_id": 10, "category_id": 2, "bbox": [2, 4, 8, 12], "score": 0.5}


def results(tmp_path, *rows):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(list(rows)))
    return path


def test_each_image_is_read_and_instances_stand_by_score(tmp_path):
    mask = mask_to_coco(block(3).mask)
    rows = ROW, ROW | {"score": 0.9, "segmentation": mask}, {**ROW, "category_id": 1, "score": 0.1}
    first, second = read_readings(results(tmp_path, *rows), ONE)
    assert [one.score for one in first.instances] == [0.9, 0.5, 0.1]
    assert [one.category for one in first.instances] == [1, 1, 0]
    assert first.instances[1].box.tolist() == [1.5, 3.5, 9.5, 15.5]
    assert first.instances[0].mask.area == 96
    assert (second.instances, second.landmark_schema) == ((), None)


def test_files_may_name_the_images_and_masks_the_boxes(tmp_path):
    row = {"image_id": "11.png", "segmentation": mask_to_coco(block(3).mask), "score": 1}
    _, second = read_readings(results(tmp_path, row), ONE)
    np.testing.assert_array_equal(second.instances[0].box, block(3).box)


def test_the_third_value_of_a_keypoint_is_visibility_or_confidence(tmp_path):
    rows = ROW | {"keypoints": [1, 2, 2, 3, 4, 0, 5, 6, 1]}, ROW | {"keypoints": [1, 2, 0.25] * 3}
    first, _ = read_readings(results(tmp_path, *rows), ONE)
    seen, sure = first.instances
    assert first.landmark_schema == SCHEMA
    assert seen.landmarks[:, 2].tolist() == [2, 0, 1]
    assert seen.landmark_confidence is None
    assert sure.landmarks[:, 2].tolist() == [2, 2, 2]
    assert sure.landmark_confidence.tolist() == [0.25] * 3


def test_category_ids_are_those_of_the_data(tmp_path):
    rows = [{"id": 40, "name": "normal"}, {"id": 90, "name": "abnormal"}]
    of_data = cohort((block(2),), extra={"categories": rows})
    (reading,) = read_readings(results(tmp_path, ROW | {"category_id": 90}), of_data)
    assert reading.instances[0].category == 1
    with pytest.raises(DataError, match="'category_id' is 2; expected one of 40, 90"):
        read_readings(results(tmp_path, ROW), of_data)


def test_average_precision_is_that_of_the_list(tmp_path):
    random = np.random.default_rng(3)
    rows = [
        ROW
        | {"image_id": 10 + int(random.integers(2)), "score": float(random.random())}
        | {"bbox": [*(coco_box(block(2))[:2] + random.normal(0, 1, 2)), 8, 12]}
        for _ in range(12)
    ]
    path = results(tmp_path, *rows)
    cases = pair_with(ONE, read_readings(path, ONE))
    truth = COCO()
    shared = {"category_id": 2, "iscrowd": 0, "area": 96}
    truth.dataset = {
        "info": {},
        "images": [{"id": one.image_id} for one in ONE.samples],
        "categories": [{"id": 1}, {"id": 2}],
        "annotations": [
            {"id": i, "image_id": sample.image_id, "bbox": coco_box(one), **shared}
            for i, (sample, one) in enumerate(
                ((s, one) for s in ONE.samples for one in s.instances), start=1
            )
        ],
    }
    truth.createIndex()
    evaluation = COCOeval(truth, truth.loadRes(str(path)), "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    assert average_precision(cases, "box").ap == pytest.approx(evaluation.stats[0], abs=1e-9)


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (3, "row 1: is no object"),
        ({"category_id": 1}, "row 1: 'image_id' is None"),
        (ROW | {"image_id": 77}, "1 images that are not in the data: 77"),
        (ROW | {"image_id": True}, "'image_id' is True"),
        (ROW | {"category_id": "x"}, "row 1: 'category_id' is 'x'"),
        (ROW | {"keypoints": [1, 2]}, "row 1: 'keypoints'"),
        (ROW | {"score": None, "bbox": None}, "row 1: 'bbox' is None"),
    ],
)
def test_what_is_wrong_names_its_row(tmp_path, row, message):
    with pytest.raises(DataError, match=message):
        read_readings(results(tmp_path, ROW, row), ONE)


def test_a_list_needs_its_cohort(tmp_path):
    with pytest.raises(DataError, match="the cohort that was read"):
        read_readings(results(tmp_path, ROW))
