import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torchvision.models.detection._utils import Matcher

from polyclinic.tasks.instances.matching import (
    IGNORE,
    choose,
    class_loss,
    match_anchors,
    match_regions,
    mostly_inside,
)

NONE = torch.zeros(0, 4)
MATCHER = Matcher(0.7, 0.3, allow_low_quality_matches=True)


def squares(*sides):
    """Squares with one corner at the origin: their overlap is the ratio of their areas."""
    return torch.tensor([[0.0, 0.0, side, side] for side in sides])


def target(boxes, labels=None, crowd=None, annotated=True):
    number = len(boxes)
    return {
        "boxes": boxes,
        "labels": torch.tensor(labels or [1] * number, dtype=torch.int64),
        "crowd": torch.tensor(crowd or [False] * number, dtype=torch.bool),
        "annotated": torch.tensor(annotated),
    }


def test_anchors_are_objects_background_or_neither_by_overlap():
    anchors = squares(10, 8.5, 7, 5)
    labels, matches = match_anchors(anchors, squares(10), NONE, MATCHER)
    assert labels.tolist() == [1, 1, -1, 0]
    assert matches[:2].tolist() == [0, 0]


def test_every_object_has_its_best_anchor_however_poor():
    anchors = torch.cat([squares(4, 3), torch.tensor([[50.0, 50, 60, 60]])])
    labels, matches = match_anchors(anchors, squares(10), NONE, MATCHER)
    assert labels.tolist() == [1, 0, 0]
    assert matches[0] == 0


def test_without_objects_all_anchors_are_background():
    labels, _ = match_anchors(squares(3, 4, 5), NONE, NONE, MATCHER)
    assert labels.tolist() == [0, 0, 0]


def test_background_in_a_crowd_is_ignored():
    anchors = torch.tensor([[0.0, 0, 10, 10], [30.0, 30, 40, 40], [37.0, 30, 47, 40]])
    crowd = torch.tensor([[28.0, 28, 42, 42]])
    labels, _ = match_anchors(anchors, squares(10), crowd, MATCHER)
    assert labels.tolist() == [1, -1, 0]
    labels, _ = match_anchors(anchors, squares(10), squares(20), MATCHER)
    assert labels.tolist() == [1, 0, 0], "an object in a crowd stays one"


def test_regions_take_the_label_of_their_object_and_annotations_join():
    true = torch.cat([squares(10), torch.tensor([[40.0, 40, 50, 50]])])
    proposals = torch.cat([squares(7.2, 7.0), torch.tensor([[40.0, 40, 50, 49]])])
    boxes, labels, matches = match_regions(proposals, target(true, [3, 5]), 0.5)
    assert torch.equal(boxes, torch.cat([proposals, true]))
    assert labels.tolist() == [3, 0, 5, 3, 5]
    assert matches[labels > 0].tolist() == [0, 1, 0, 1]


def test_crowds_are_no_objects_and_rows_still_count_them():
    true = torch.cat([squares(30), torch.tensor([[40.0, 40, 50, 50]])])
    proposals = torch.tensor([[5.0, 5, 15, 15], [40.0, 40, 50, 50]])
    boxes, labels, matches = match_regions(
        proposals, target(true, [1, 2], crowd=[True, False]), 0.5
    )
    assert len(boxes) == 3
    assert labels.tolist() == [-1, 2, 2]
    assert matches[1:].tolist() == [1, 1]


def test_regions_of_an_image_that_nobody_annotated_are_ignored():
    _, labels, _ = match_regions(squares(5, 9), target(NONE, annotated=False), 0.5)
    assert labels.tolist() == [-1, -1]


def test_regions_of_an_empty_image_are_background():
    boxes, labels, _ = match_regions(squares(5, 9), target(NONE), 0.5)
    assert labels.tolist() == [0, 0]
    boxes, labels, _ = match_regions(NONE, target(NONE), 0.5)
    assert len(boxes) == len(labels) == 0


def test_mostly_inside_means_more_than_half():
    boxes = torch.tensor([[0.0, 0, 10, 10], [5.0, 0, 15, 10], [4.0, 0, 14, 10], [3.0, 3, 3, 3]])
    assert mostly_inside(boxes, squares(10)).tolist() == [True, False, True, False]
    assert mostly_inside(boxes, NONE).tolist() == [False] * 4


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(-1, 3), max_size=60),
    st.integers(1, 40),
    st.floats(0, 1),
    st.integers(0, 2**62),
)
def test_choice_is_balanced_without_repeats_or_ignored_rows(labels, number, share, key):
    label = torch.tensor(labels, dtype=torch.int64)
    rows = choose(label, number=number, positive_share=share, key=key)
    assert len(rows) == len(set(rows.tolist())) <= number
    chosen = label[rows]
    positive = int((chosen > 0).sum())
    assert positive == min(int((label > 0).sum()), int(number * share))
    assert int((chosen == 0).sum()) == min(int((label == 0).sum()), number - positive)
    assert (chosen[:positive] > 0).all()


def test_choice_depends_on_the_key_alone():
    label = torch.arange(200) % 3 - 1
    first = choose(label, number=20, positive_share=0.5, key=7)
    torch.rand(5)
    assert torch.equal(first, choose(label, number=20, positive_share=0.5, key=7))
    assert not torch.equal(first, choose(label, number=20, positive_share=0.5, key=8))


@pytest.mark.parametrize("label", [[], [IGNORE] * 5])
def test_nothing_to_choose_from(label):
    rows = choose(torch.tensor(label, dtype=torch.int64), number=4, positive_share=0.5, key=0)
    assert rows.shape == (0,)


def test_named_regions_cost_their_cross_entropy():
    torch.manual_seed(0)
    logits, labels = torch.randn(20, 4), torch.arange(20) % 4
    torch.testing.assert_close(
        class_loss(logits, labels), F.cross_entropy(logits, labels, reduction="sum")
    )


def test_an_unnamed_object_costs_only_its_share_of_background():
    logits = torch.tensor([[0.3, 2.0, -1.0]])
    expected = -(1 - logits.softmax(1)[0, 0]).log()
    torch.testing.assert_close(class_loss(logits, torch.tensor([3])), expected)
    swapped = class_loss(logits[:, [0, 2, 1]], torch.tensor([3]))
    torch.testing.assert_close(swapped, expected)


def test_with_one_class_an_unnamed_object_is_of_it():
    logits = torch.tensor([[0.3, 2.0]])
    named, unnamed = class_loss(logits, torch.tensor([1])), class_loss(logits, torch.tensor([2]))
    torch.testing.assert_close(unnamed, named)


def test_gradients_stay_finite_for_sure_mistakes():
    logits = torch.tensor([[200.0, -200.0, -200.0]] * 2, requires_grad=True)
    class_loss(logits, torch.tensor([1, 3])).backward()
    assert logits.grad.isfinite().all()


def test_no_regions_cost_nothing():
    assert class_loss(torch.zeros(0, 3), torch.zeros(0, dtype=torch.int64)) == 0
