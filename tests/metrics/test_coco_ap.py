from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.coco_ap import average_precision
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA
from tests.metrics.cases import ABNORMAL, SIZE, block, case, landmarks, row_of_blocks


def scored(instances, score=0.9):
    return tuple(replace(one, score=score - 0.01 * i) for i, one in enumerate(instances))


def with_landmarks(count=4, move=0.0):
    blocks = row_of_blocks(count)
    return tuple(
        replace(one, landmarks=landmarks(20 + 30 * i) + np.array([move, 0, 0]))
        for i, one in enumerate(blocks)
    )


@pytest.mark.parametrize("kind", ["box", "mask", "landmarks"])
def test_perfect_is_one_and_silent(kind, capfd):
    true = with_landmarks()
    result = average_precision([case(true, scored(true))], kind, schema=SCHEMA)
    assert (result.ap, result.ap50, result.ap75) == pytest.approx((1, 1, 1))
    assert result.reason is None
    assert dict(result.by_class)["normal"] == pytest.approx(1)
    assert dict(result.by_class)["abnormal"] is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("kind", ["box", "mask", "landmarks"])
def test_nothing_found_is_zero_and_nothing_annotated_is_none(kind):
    true = with_landmarks()
    assert average_precision([case(true, ())], kind, schema=SCHEMA).ap == 0
    nothing = average_precision([case((), scored(true))], kind, schema=SCHEMA)
    assert nothing.ap is None
    assert nothing.reason == f"no {kind} is annotated"
    assert average_precision([], kind, schema=SCHEMA).ap is None


def test_known_overlap_fixes_the_figures():
    shifted = scored([block(51)])  # IoU 9 / 11 = 0.818: right at 0.50 ... 0.80
    for kind in ("box", "mask"):
        result = average_precision([case([block(50)], shifted)], kind)
        assert result.ap == pytest.approx(0.7)
        assert (result.ap50, result.ap75) == pytest.approx((1, 1))


def test_half_found_is_about_half():
    true = row_of_blocks(4)
    result = average_precision([case(true, scored(true[:2]))], "mask")
    assert result.ap == pytest.approx(51 / 101)


def test_the_class_must_be_right():
    true = row_of_blocks(2)
    read = scored(replace(one, category=ABNORMAL) for one in true)
    assert average_precision([case(true, read)], "mask").ap == 0


def test_crowds_cost_nothing():
    true = (*row_of_blocks(2), block(120, width=60, crowd=True))
    read = scored((*row_of_blocks(2), block(130), block(150)))
    assert average_precision([case(true, read)], "mask").ap == pytest.approx(1)
    assert average_precision([case(true, read)], "box").ap == pytest.approx(1)


def test_images_without_masks_count_for_boxes_only():
    true = row_of_blocks(2)
    boxes = tuple(replace(one, mask=None) for one in true)
    cases = [case(true, scored(true), 1), case(boxes, scored(true), 2)]
    assert average_precision(cases, "mask").images == 1
    assert average_precision(cases, "box").images == 2
    assert average_precision(cases[1:], "mask").ap is None


def test_our_sigmas_rule_the_landmarks():
    true, read = with_landmarks(1), scored(with_landmarks(1, move=2.0))
    strict = replace(SCHEMA, sigmas=(0.01,) * 8)
    lax = replace(SCHEMA, sigmas=(0.5,) * 8)
    assert average_precision([case(true, read)], "landmarks", schema=strict).ap == 0
    assert average_precision([case(true, read)], "landmarks", schema=lax).ap == pytest.approx(1)
    # one object at distance 2 with area 200: OKS = exp(-4 / (2 * 200 * (2 * 0.05)^2)) = e^-1
    assert average_precision([case(true, read)], "landmarks", schema=SCHEMA).ap50 == 0
    near = scored(with_landmarks(1, move=1.0))  # OKS = e^-0.25 = 0.779
    result = average_precision([case(true, near)], "landmarks", schema=SCHEMA)
    assert result.ap == pytest.approx(0.6)


def test_instances_without_landmarks_are_passed_over_in_oks():
    true = (*with_landmarks(2), block(150))
    result = average_precision([case(true, scored(with_landmarks(2)))], "landmarks", schema=SCHEMA)
    assert result.ap == pytest.approx(1)


def test_more_than_twenty_loops_count():
    blocks = tuple(replace(block(8 * i, width=6), landmarks=landmarks(8 * i)) for i in range(24))
    result = average_precision([case(blocks, scored(blocks))], "landmarks", schema=SCHEMA)
    assert result.ap == pytest.approx(1)


def test_any_schema_and_any_image_id():
    two = LandmarkSchema(names=("a", "b"), sigmas=(0.1, 0.2))
    points = np.array([[10.0, 10, 2], [20, 20, 2]])
    true = [replace(block(10), landmarks=points)]
    pair = case(true, scored(true), image="finger 3", landmark_schema=two)
    assert average_precision([pair], "landmarks", schema=two).ap == pytest.approx(1)
    assert pair[0].size == SIZE
    assert average_precision([pair], "landmarks").reason == "landmarks have no schema"
