import pytest
import torch

from polyclinic.tasks.instances.candidates import best_candidates

SAME = [[0.0, 0, 10, 10]] * 2
FAR = [[50.0, 50, 60, 60]] * 2


def best(boxes, probabilities, **changes):
    settings = {"threshold": 0.05, "nms_iou": 0.5, "rivals": "class", "most": 100} | changes
    return best_candidates(torch.tensor(boxes), torch.tensor(probabilities), **settings)


def test_rivals_of_a_class_or_of_all_classes():
    boxes, shares = [SAME, SAME, FAR], [[0.1, 0.8, 0.1], [0.1, 0.2, 0.7], [0.5, 0.5, 0.0]]
    by_class = best(boxes, shares)
    assert by_class["labels"].tolist() == [0, 1, 0]
    assert by_class["scores"].tolist() == pytest.approx([0.8, 0.7, 0.5])
    of_all = best(boxes, shares, rivals="all")
    assert of_all["labels"].tolist() == [0, 0]
    assert of_all["boxes"].tolist() == [SAME[0], FAR[0]]
    assert of_all["probabilities"].tolist() == [pytest.approx(shares[0]), pytest.approx(shares[2])]


def test_threshold_number_and_order():
    boxes = [[[20.0 * n, 0, 20 * n + 10, 10]] for n in range(4)]
    found = best(boxes, [[0.7, 0.3], [0.1, 0.9], [0.97, 0.03], [0.4, 0.6]], most=2)
    assert found["scores"].tolist() == pytest.approx([0.9, 0.6])


def test_boxes_clipped_away_are_dropped():
    found = best([[[0.0, 5, 0, 20]], [[3.0, 3, 9, 9]]], [[0.1, 0.9], [0.2, 0.8]])
    assert found["boxes"].tolist() == [[3, 3, 9, 9]]


def test_no_regions():
    found = best_candidates(
        torch.zeros(0, 2, 4), torch.zeros(0, 3), threshold=0.5, nms_iou=0.5, rivals="all", most=9
    )
    assert {key: len(value) for key, value in found.items()} == dict.fromkeys(found, 0)
