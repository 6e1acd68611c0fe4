"""The numpy detector finds what the torch one finds."""

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import clip_boxes_to_image

from polyclinic.decoding import Detector
from polyclinic.decoding.anchors import padded
from polyclinic.tasks.instances.candidates import best_candidates
from polyclinic.tasks.instances.proposals import ProposalConfig, Proposals
from tests.decoding.boxes import boxes_of, rng_of
from tests.decoding.test_anchors import maps_of

SEEDS = st.integers(0, 2**32 - 1)
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
