import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from polyclinic.metrics.oks import object_area, similarities
from tests.metrics.cases import block

K = 4
places = arrays(float, (K, 2), elements=st.floats(0, 200))
seen = arrays(float, K, elements=st.sampled_from([0.0, 1.0, 2.0])).filter(np.any)
sigmas = st.lists(st.floats(0.01, 0.5), min_size=K, max_size=K)


def reference(true, visible, read, area, of_landmarks):
    """pycocotools' own similarity of one object."""
    truth, found = COCO(), COCO()
    shared = {"image_id": 1, "category_id": 1, "bbox": [0, 0, 9, 9]}
    rows = np.column_stack([true, visible]).ravel().tolist()
    result = np.column_stack([read, np.full(K, 2.0)]).ravel().tolist()
    head = {"images": [{"id": 1}], "categories": [{"id": 1}]}
    one = {**shared, "id": 1, "area": area, "iscrowd": 0, "ignore": 0, "keypoints": rows}
    truth.dataset = {**head, "annotations": [{**one, "num_keypoints": K}]}
    found.dataset = {**head, "annotations": [{**one, "keypoints": result, "score": 1}]}
    truth.createIndex()
    found.createIndex()
    evaluation = COCOeval(truth, found, "keypoints")
    evaluation.params.kpt_oks_sigmas = np.array(of_landmarks)
    evaluation._prepare()
    return evaluation.computeOks(1, 1)[0, 0]


@given(places, seen, places, st.floats(1, 1e5), sigmas)
def test_the_similarity_is_pycocotools(true, visible, read, area, of_landmarks):
    labelled = visible[None] > 0
    value = similarities((read - true)[None], labelled, labelled, np.array([area]), of_landmarks)
    expected = reference(true, visible, read, area, of_landmarks)
    assert value[0] == pytest.approx(expected, abs=1e-9)


def test_landmarks_not_found_add_nothing_and_nothing_labelled_is_nothing():
    step, labelled = np.zeros((2, 4, 2)), np.array([[True] * 4, [False] * 4])
    found = labelled & np.array([True, False, True, True])
    values = similarities(step, labelled, found, np.array([100.0, 100.0]), [0.05] * 4)
    np.testing.assert_equal(values, [0.75, np.nan])


def test_the_area_is_the_masks_or_a_share_of_the_box():
    assert object_area(block(10, width=10, height=20)) == 200
    assert object_area(block(10, width=10, height=20, mask=False)) == pytest.approx(0.53 * 200)
