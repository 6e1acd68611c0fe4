"""Partly annotated images train on what there is, without special cases."""

from dataclasses import replace

import pytest
import torch

from tests.tasks.networks import INSTANCES, LANDMARKS, MASKS, batch_of, build, painted_facts
from tests.tasks.painting import paint_sample

SAMPLE = paint_sample(0, loops=3)
FIRST, SECOND, THIRD = SAMPLE.instances
FACTS = painted_facts([SAMPLE])


def losses_of(*samples, configs=(INSTANCES, MASKS, LANDMARKS), seed=0):
    network = build(configs, FACTS, seed=seed).train()
    losses = network(batch_of(network, samples))
    sum(loss.total / loss.count for loss in losses.values()).backward()
    for weight in network.parameters():
        assert weight.grad is None or weight.grad.isfinite().all()
    return losses, network


def with_instances(*instances, number=0):
    return replace(SAMPLE, image_id=number, instances=instances)


def test_one_instance_with_a_mask_and_another_with_landmarks():
    whole, _ = losses_of(SAMPLE)
    mixed, _ = losses_of(
        with_instances(
            replace(FIRST, landmarks=None), replace(SECOND, mask=None), replace(THIRD, mask=None)
        )
    )
    assert mixed.keys() == whole.keys()
    for name in ("rpn_class", "rpn_box", "class", "box"):
        assert torch.equal(mixed[name].total, whole[name].total), name
    assert 0 < mixed["mask"].count < whole["mask"].count
    assert 0 < mixed["landmarks"].count < whole["landmarks"].count


def test_landmarks_that_are_not_labelled_cost_nothing():
    half = FIRST.landmarks.copy()
    half[1:] = 0
    some, _ = losses_of(with_instances(replace(FIRST, landmarks=half)))
    whole, _ = losses_of(with_instances(FIRST))
    assert 0 < some["landmarks"].count < whole["landmarks"].count
    none, _ = losses_of(with_instances(replace(FIRST, landmarks=0 * half)))
    assert "landmarks" not in none


def test_boxes_alone_train_boxes_alone():
    bare = [replace(one, mask=None, landmarks=None) for one in SAMPLE.instances]
    losses, _ = losses_of(with_instances(*bare))
    assert set(losses) == {"rpn_class", "rpn_box", "class", "box"}


def test_an_image_annotated_as_empty_teaches_background():
    losses, network = losses_of(with_instances())
    assert set(losses) == {"rpn_class", "rpn_box", "class", "box"}
    assert losses["rpn_box"].total == losses["box"].total == 0
    instances = network.tasks["instances"]
    assert instances.head.classes.bias.grad[0] < 0 < instances.head.classes.bias.grad[1:].min()
    assert instances.proposals.head.cls_logits.bias.grad.min() > 0


def test_empty_and_unannotated_images_differ():
    empty, _ = losses_of(with_instances(number=1), replace(SAMPLE, instances=None, image_id=2))
    alone, _ = losses_of(with_instances(number=1))
    assert empty["class"].count == alone["class"].count
    torch.testing.assert_close(empty["class"].total, alone["class"].total)


def test_a_crowd_is_neither_object_nor_background():
    only_crowd, _ = losses_of(with_instances(replace(FIRST, crowd=True)))
    assert only_crowd["box"].total == 0
    assert "mask" not in only_crowd
    everywhere = replace(FIRST, crowd=True, box=FIRST.box * 0 + [-0.5, -0.5, 127.5, 95.5])
    whole_image, _ = losses_of(with_instances(everywhere))
    assert whole_image.get("class") is None, "every region lies in the crowd"


@pytest.mark.parametrize("per_class", [True, False])
def test_objects_without_a_name_teach_that_they_are_objects(per_class):
    instances = INSTANCES.model_copy(
        update={"head": INSTANCES.head.model_copy(update={"per_class_boxes": per_class})}
    )
    masks = MASKS.model_copy(update={"per_class": per_class})
    unnamed = [replace(one, category=None) for one in SAMPLE.instances]
    losses, network = losses_of(with_instances(*unnamed), configs=(instances, masks, LANDMARKS))
    assert ("mask" in losses) is not per_class
    assert "landmarks" in losses
    named, _ = losses_of(SAMPLE, configs=(instances, masks, LANDMARKS))
    assert torch.equal(losses["rpn_class"].total, named["rpn_class"].total)
    assert losses["class"].count == named["class"].count
    assert losses["class"].total < named["class"].total
    gradient = network.tasks["instances"].head.classes.bias.grad
    assert (gradient[1] - gradient[2]).abs() < 0.05, "one class is as right as the other"


def test_sampling_does_not_depend_on_padding():
    """In a larger frame the features at the rim change, the anchors and regions drawn do not."""
    network = build((INSTANCES,), FACTS).train()
    large = paint_sample(5, size=(160, 192))
    alone = network(batch_of(network, [SAMPLE]))
    padded = network(batch_of(network, [SAMPLE, replace(large, instances=None)]))
    for name in ("rpn_class", "rpn_box", "class", "box"):
        assert padded[name].count == alone[name].count


def test_proposals_stay_in_their_image_not_in_the_frame():
    network = build((INSTANCES,), FACTS).eval()
    batch = batch_of(network, [paint_sample(0, size=(80, 90), loops=2), paint_sample(1)])
    small, large = network.predict(batch)
    for found, (height, width) in ((small, (80, 90)), (large, (96, 128))):
        boxes = found["instances"]["boxes"]
        assert len(boxes)
        assert boxes.min() >= 0
        assert boxes[:, [0, 2]].max() <= width
        assert boxes[:, [1, 3]].max() <= height


def test_nothing_found_is_an_empty_reading():
    strict = INSTANCES.model_copy(update={"score_threshold": 1.0})
    network = build((strict, MASKS, LANDMARKS), FACTS).eval()
    found = network.predict(batch_of(network, [SAMPLE]))[0]
    assert {len(value) for one in found.values() for value in one.values()} == {0}
