"""The numpy detector finds what the torch one finds."""

import numpy as np
import pytest
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import batched_nms, clip_boxes_to_image

from polyclinic.decoding import Detector
from polyclinic.decoding.boxes import (
    MULTIPLE,
    anchor_grids,
    clip,
    correct,
    highest,
    padded,
    suppress,
)
from polyclinic.tasks.instances.candidates import best_candidates
from polyclinic.tasks.instances.proposals import AnchorGrid, ProposalConfig, Proposals
from tests.decoding.boxes import boxes_of, rng_of

SEEDS = st.integers(0, 2**32 - 1)
NUMBERS = st.integers(0, 60)


@given(
    seed=SEEDS,
    number=NUMBERS,
    weights=st.sampled_from([(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)]),
    spread=st.sampled_from([0.1, 3.0, 100.0]),
)
def test_corrections_as_torchvision_decodes_them(seed, number, weights, spread):
    rng = rng_of(seed)
    boxes = boxes_of(rng, number)
    given_ = rng.normal(0, spread, (number, 4)).astype(np.float32)
    wanted = BoxCoder(weights).decode_single(torch.from_numpy(given_), torch.from_numpy(boxes))
    found = correct(boxes, given_, weights)
    assert found.dtype == np.float32
    assert np.allclose(found, wanted.numpy(), rtol=1e-5, atol=1e-3)


@given(seed=SEEDS, number=NUMBERS, height=st.integers(1, 200), width=st.integers(1, 200))
def test_cut_at_the_edges_as_torchvision_does(seed, number, height, width):
    boxes = boxes_of(rng_of(seed), number, reach=400)
    wanted = clip_boxes_to_image(torch.from_numpy(boxes), (height, width))
    assert np.array_equal(clip(boxes, (height, width)), wanted.numpy())


@given(
    arrays.arrays(np.float32, st.integers(0, 40), elements=st.floats(-3, 3, width=16)),
    st.integers(1, 50),
)
def test_the_highest_come_best_first(scores, number):
    rows = highest(scores, number)
    assert len(set(rows.tolist())) == len(rows) == min(number, len(scores))
    assert np.array_equal(scores[rows], np.sort(scores)[::-1][:number])


@given(seed=SEEDS, number=NUMBERS, groups=st.integers(1, 4), iou=st.floats(0.1, 0.9))
@example(seed=0, number=0, groups=1, iou=0.5)
def test_rivals_suppressed_as_torchvision_does(seed, number, groups, iou):
    rng = rng_of(seed)
    boxes = boxes_of(rng, number)
    scores = rng.permutation(number).astype(np.float32) / 60
    group = rng.integers(0, groups, number)
    wanted = batched_nms(*map(torch.from_numpy, (boxes, scores, group)), iou)
    assert np.array_equal(suppress(boxes, scores, group, iou), wanted.numpy())


@given(seed=SEEDS, number=NUMBERS, levels=st.integers(1, 5))
def test_among_ties_the_earlier_one_stays(seed, number, levels):
    rng = rng_of(seed)
    boxes, scores = boxes_of(rng, number), rng.integers(0, levels, number).astype(np.float32)
    kept = suppress(boxes, scores, np.zeros(number, np.int64), 0.5)
    order = np.argsort(-scores, kind="stable")
    falling = np.empty(number, np.float32)
    falling[order] = np.arange(number, 0, -1)
    assert np.array_equal(kept, suppress(boxes, falling, np.zeros(number, np.int64), 0.5))


def test_one_box_twice_is_one():
    boxes = np.array([[2.0, 3, 9, 11]] * 3, np.float32)
    scores = np.array([0.5, 0.9, 0.9], np.float32)
    assert suppress(boxes, scores, np.array([0, 0, 0]), 0.5).tolist() == [1]
    assert suppress(boxes, scores, np.array([0, 1, 2]), 0.5).tolist() == [1, 2, 0]


LEVELS = ("p1", "p2", "p3", "p4", "p5", "p6")
SIDES = st.integers(33, 400)


def maps_of(frame, levels):
    """Empty maps as the pyramid makes them: odd sides are rounded up."""
    sides = [[-(-side // 2 ** int(level[1:])) for side in frame] for level in levels]
    return [torch.zeros(1, 1, *one) for one in sides]


@given(
    size=st.tuples(SIDES, SIDES),
    first=st.integers(0, 4),
    ratios=st.lists(st.sampled_from([0.5, 1.0, 2.0, 4.0]), min_size=1, max_size=4, unique=True),
)
def test_those_of_the_network(size, first, ratios):
    levels = LEVELS[first:]
    grid = AnchorGrid(levels, tuple(8 * 2**i for i, _ in enumerate(levels)), tuple(ratios))
    maps = maps_of(padded(size), levels)
    anchors, inside = grid.boxes(maps), grid.rows_inside(maps, size)
    found = anchor_grids(tuple(grid.strides), grid.cell_anchors(), size)
    assert len(found) == len(levels)
    for mine, rows in zip(found, inside, strict=True):
        assert np.array_equal(mine.rows, rows.numpy())
        assert mine.boxes.dtype == np.float32
        assert np.array_equal(mine.boxes, anchors[rows].numpy())


@given(st.tuples(SIDES, SIDES))
def test_frames_hold_the_image_and_little_more(size):
    for side, frame in zip(size, padded(size), strict=True):
        assert frame % MULTIPLE == 0
        assert side <= frame < side + MULTIPLE


def test_a_level_without_shapes_is_refused():
    with pytest.raises(ValueError, match="zip"):
        anchor_grids((4, 8), (((-1.0, -1.0, 1.0, 1.0),),), (64, 64))


RIVALS = st.sampled_from(["class", "all"])
WEIGHTS = (10.0, 10.0, 5.0, 5.0)
SIZE = (90, 130)
PROPOSALS = ProposalConfig(
    levels=("p2", "p3", "p4"),
    anchor_sizes=(8, 16, 32),
    ratios=(0.5, 1.0),
    before_nms=(40, 30),
    after_nms=(30, 25),
)


def detector(proposals, **changed):
    values = {
        "classes": 3,
        "strides": tuple(proposals.grid.strides),
        "anchors": proposals.grid.cell_anchors(),
        "before_nms": proposals.config.before_nms[1],
        "after_nms": proposals.config.after_nms[1],
        "proposal_iou": proposals.config.nms_iou,
        "box_weights": WEIGHTS,
        "score_threshold": 0.05,
        "nms_iou": 0.5,
        "rivals": "class",
        "most": 100,
    }
    return Detector(**(values | changed))


@given(
    seed=SEEDS,
    size=st.tuples(st.integers(33, 160), st.integers(33, 160)),
    spread=st.sampled_from([0.0, 0.5, 3.0, 300.0]),
)
def test_regions_are_proposed_as_the_network_does(seed, size, spread):
    proposals = Proposals(PROPOSALS, channels=4).eval()
    maps, rng = maps_of(padded(size), PROPOSALS.levels), rng_of(seed)
    anchors = proposals.grid.boxes(maps)
    scores = rng.permutation(len(anchors)).astype(np.float32)
    deltas = rng.normal(0, spread, (len(anchors), 4)).astype(np.float32)
    inside = proposals.grid.rows_inside(maps, size)
    wanted = proposals._best(
        anchors, torch.from_numpy(scores), torch.from_numpy(deltas), inside, size
    )
    found = detector(proposals).propose(scores, deltas, size)
    assert found.shape == wanted.shape
    assert np.allclose(found, wanted.numpy(), rtol=1e-5, atol=1e-3)


def said(rng, number, classes, groups):
    """Boxes, logits and corrections as a head may give them."""
    logits = rng.normal(0, 3, (number, 1 + classes)).astype(np.float32)
    corrections = rng.normal(0, 2, (number, groups, 4)).astype(np.float32)
    return boxes_of(rng, number), logits, corrections


def in_torch(boxes, logits, corrections, one, least=0.0):
    moved = BoxCoder(WEIGHTS).decode_single(
        torch.from_numpy(corrections).flatten(1), torch.from_numpy(boxes)
    )
    return best_candidates(
        clip_boxes_to_image(moved.unflatten(1, (-1, 4)), SIZE).expand(-1, one.classes, -1),
        torch.from_numpy(logits).softmax(1),
        threshold=one.score_threshold,
        least=least,
        nms_iou=one.nms_iou,
        rivals=one.rivals,
        most=one.most,
    )


@given(
    seed=SEEDS,
    number=st.integers(0, 40),
    classes=st.integers(1, 4),
    shared=st.booleans(),
    rivals=RIVALS,
    most=st.sampled_from([1, 5, 100]),
    least=st.sampled_from([0.0, 0.3, 1.0]),
)
def test_instances_are_chosen_as_the_network_does(
    seed, number, classes, shared, rivals, most, least
):
    one = detector(Proposals(PROPOSALS, channels=4), classes=classes, rivals=rivals, most=most)
    given_ = said(rng_of(seed), number, classes, 1 if shared else classes)
    wanted = in_torch(*given_, one, least)
    found = one.choose(*given_, SIZE, least)
    assert np.array_equal(found["labels"], wanted["labels"].numpy())
    assert found["labels"].dtype == np.int64
    for name in ("boxes", "scores", "probabilities"):
        assert found[name].shape == wanted[name].shape
        assert np.allclose(found[name], wanted[name].numpy(), rtol=1e-4, atol=1e-3)


@given(seed=SEEDS, rivals=RIVALS, least=st.floats(0, 1))
def test_what_is_not_wanted_changes_nothing_above(seed, rivals, least):
    one = detector(Proposals(PROPOSALS, channels=4), rivals=rivals)
    given_ = said(rng_of(seed), 30, 3, 3)
    everything, some = (one.choose(*given_, SIZE, bound) for bound in (0.0, least))
    kept = everything["scores"] >= least
    for name, values in some.items():
        assert np.array_equal(values, everything[name][kept])


def test_boxes_outside_the_image_are_no_instances():
    one = detector(Proposals(PROPOSALS, channels=4), classes=1)
    boxes = np.array([[200, 200, 220, 230], [10, 10, 30, 40]], np.float32)
    logits = np.array([[0, 9], [0, 3]], np.float32)
    found = one.choose(boxes, logits, np.zeros((2, 1, 4), np.float32), SIZE, 0.0)
    assert found["boxes"].tolist() == [[10, 10, 30, 40]]


def test_settings_survive_their_file():
    one = detector(Proposals(PROPOSALS, channels=4))
    assert Detector.parse(one.model_dump(mode="json")) == one
