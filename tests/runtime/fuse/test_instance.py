"""One object as several members see it, against values worked out by hand."""

import numpy as np
import pytest

from polyclinic.runtime.fuse.agreement import instance_agreement
from polyclinic.runtime.fuse.clusters import cluster_instances
from polyclinic.runtime.fuse.instance import fuse_instance, fuse_masks
from polyclinic.sample import Instance, Mask

SIZE = (20, 40)


def block(left, width=8, score=1.0, **known):
    full = np.zeros(SIZE, bool)
    full[2:10, left : left + width] = True
    mask = Mask.from_array(full)
    return Instance(box=mask.box(), **{"mask": mask, "score": score, "category": 0, **known})


def boxes(clusters):
    return [{place: one.box[0] + 0.5 for place, one in cluster.items()} for cluster in clusters]


def test_objects_are_found_again_and_neighbours_stay_apart():
    first = [block(4, score=0.9), block(20, score=0.4)]
    second = [block(21, score=0.8), block(5, score=0.7)]
    assert boxes(cluster_instances([first, second], SIZE)) == [{0: 4, 1: 5}, {1: 21, 0: 20}]


def test_a_member_gives_an_object_once():
    twice = [block(4, score=0.9), block(5, score=0.8)]
    assert boxes(cluster_instances([twice, [block(5, score=0.7)]], SIZE)) == [{0: 4}, {0: 5, 1: 5}]
    assert cluster_instances([[], []], SIZE) == []


def test_score_weighs_boxes_and_absence_costs_score():
    seen = {0: block(4, score=0.9), 1: block(6, score=0.3)}
    fused = fuse_instance(seen, members=4)
    assert fused.box == pytest.approx([4 * 0.75 + 6 * 0.25 - 0.5, 1.5, 12 * 0.75 + 3.5 - 0.5, 9.5])
    assert fused.score == pytest.approx(1.2 / 4)


def test_the_majority_of_the_weight_draws_the_mask():
    masks = [block(left).mask for left in (4, 5, 6)]
    assert fuse_masks(masks, [1, 1, 1]).iou(masks[1]) == 1
    assert fuse_masks(masks, [0.2, 0.2, 0.9]).iou(masks[2]) == 1
    tie = fuse_masks(masks[:2], [0.7, 0.7])
    assert tie.iou(block(4, width=9).mask) == 1, "ties are in"
    assert tie.size == SIZE
    assert fuse_masks(masks[:2], [0, 0]).area == tie.area
    empty = Mask.from_array(np.zeros(SIZE, bool))
    assert fuse_masks([empty, empty], [1, 1]).area == 0


def test_a_mask_stays_when_half_of_those_present_give_one():
    seen = {0: block(4), 1: block(4, mask=None)}
    assert fuse_instance(seen, 2).mask.area == 64
    assert fuse_instance(seen | {2: block(4, mask=None)}, 3).mask is None


def test_class_by_mean_probability_among_those_named():
    def seen(*shares):
        return {
            place: block(4, category=int(np.argmax(share)), probabilities=np.array(share))
            for place, share in enumerate(shares)
        }

    fused = fuse_instance(seen((0.9, 0.1), (0.4, 0.6)), 2)
    assert fused.category == 0
    assert fused.probabilities == pytest.approx([0.65, 0.35])
    # The second class has the highest mean, but nobody named it.
    fused = fuse_instance(seen((0.5, 0.45, 0.05), (0.05, 0.45, 0.5)), 2)
    assert fused.category == 0
    votes = {0: block(4, score=0.9), 1: block(4, score=0.5, category=1)}
    assert fuse_instance(votes | {2: block(4, score=0.5, category=1)}, 3).category == 1
    assert fuse_instance({0: block(4, category=None)}, 1).category is None


def test_landmarks_are_weighted_by_confidence_and_seen_by_half():
    def seen(rows, confidence):
        marks = np.array(rows, float)
        return block(4, landmarks=marks, landmark_confidence=np.array(confidence))

    cluster = {
        0: seen([(0, 0, 2), (9, 9, 0), (1, 1, 1)], [0.9, 0.1, 0.5]),
        1: seen([(4, 8, 2), (9, 9, 0), (1, 1, 1)], [0.3, 0.1, 0.5]),
        2: seen([(7, 7, 0), (5, 5, 2), (1, 1, 2)], [0.3, 0.9, 0.5]),
    }
    fused = fuse_instance(cluster, 3)
    expected = [(1, 2, 2), (9, 9, 0), (1, 1, 1)]
    assert fused.landmarks == pytest.approx(np.array(expected, float))
    assert fused.landmark_confidence == pytest.approx([0.5, 1.1 / 3, 0.5])
    half = {0: cluster[0], 1: block(4)}
    assert fuse_instance(half, 2).landmarks == pytest.approx(cluster[0].landmarks)
    assert fuse_instance(half | {2: block(4)}, 3).landmarks is None


def test_agreement_counts_those_that_do_not_see():
    both = {0: block(4), 1: block(4)}
    alone = {0: block(20)}
    fused = [fuse_instance(both, 2), fuse_instance(alone, 2)]
    assert instance_agreement([both], fused[:1], 2, SIZE) == 1
    assert instance_agreement([alone], fused[1:], 2, SIZE) == 0
    # Scores 1 and 0.5 weigh the two.
    assert instance_agreement([both, alone], fused, 2, SIZE) == pytest.approx(2 / 3)
    assert instance_agreement([], [], 2, SIZE) == 1
    shifted = {0: block(4), 1: block(6)}
    one = fuse_instance(shifted, 2)
    assert instance_agreement([shifted], [one], 2, SIZE) == pytest.approx(6 / 10)


def test_labels_have_the_value_that_most_members_say():
    seen = {
        0: block(4, score=0.9, labels={"kl": 2, "knee": "native"}),
        1: block(4, score=0.4, labels={"kl": 3, "knee": "native"}),
        2: block(4, score=0.4, labels={"kl": 3}),
    }
    assert fuse_instance(seen, members=3).labels == {"kl": 3, "knee": "native"}
    del seen[2]
    assert fuse_instance(seen, members=3).labels["kl"] == 2


IMAGE = (512, 512)


def pointed(*points, score=0.9, category=0):
    """What a reader of landmarks alone says: the box is their hull, at least a pixel wide."""
    places = np.array(points, float)
    low, high = places.min(0), places.max(0)
    middle, reach = (low + high) / 2, np.maximum((high - low) / 2, 0.5)
    return Instance(
        box=np.concatenate([middle - reach, middle + reach]),
        category=category,
        score=score,
        landmarks=np.column_stack([places, np.full(len(places), 2.0)]),
        landmark_confidence=np.full(len(places), score),
    )


@pytest.mark.parametrize(
    "shape", [[(200, 200)], [(100, 200), (300, 200)], [(100, 200), (300, 206)], [(200, 90)]]
)
def test_landmarks_a_few_pixels_apart_are_one_object(shape):
    """Their boxes are flat, and share nothing."""
    members = [[pointed(*(np.array(shape) + step))] for step in ((0, 0), (4, 7), (-5, 3))]
    (cluster,) = cluster_instances(members, IMAGE)
    fused = fuse_instance(cluster, 3)
    assert fused.score == pytest.approx(0.9)
    middle = np.array(shape) + np.array([(0, 0), (4, 7), (-5, 3)]).mean(0)
    assert fused.landmarks[:, :2] == pytest.approx(middle)
    assert 0.7 < instance_agreement([cluster], [fused], 3, IMAGE) < 1


def test_landmarks_far_apart_are_several_objects():
    first, second = pointed((100, 100)), pointed((300, 100))
    both = [[first, second], [pointed((304, 102)), pointed((97, 103))]]
    assert len(cluster_instances(both, IMAGE)) == 2
    assert len(cluster_instances([[first], [second]], IMAGE)) == 2


def test_a_cup_stays_apart_from_the_disc_that_it_fills():
    disc, cup = block(4, width=12, score=0.9), block(5, width=10, score=0.8, category=1)
    clusters = cluster_instances([[disc, cup], [disc, cup], [disc]], SIZE)
    assert [[one.category for one in some.values()] for some in clusters] == [[0, 0, 0], [1, 1]]
    assert len(cluster_instances([[disc], [cup]], SIZE)) == 2


def test_one_loop_that_members_name_differently_is_one_loop():
    shares = np.array([0.6, 0.4])
    named = block(4, score=0.9, probabilities=shares)
    other = block(5, score=0.5, category=1, probabilities=shares[::-1])
    (cluster,) = cluster_instances([[named], [other], [named]], SIZE)
    assert fuse_instance(cluster, 3).category == 0
    assert len(cluster_instances([[named, other], [named, other]], SIZE)) == 2
    nameless = block(4, category=None)
    assert len(cluster_instances([[named], [nameless]], SIZE)) == 1
