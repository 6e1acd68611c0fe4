"""Arithmetic of boxes beside torchvision's."""

import numpy as np
import torch
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from torchvision.models.detection._utils import BoxCoder
from torchvision.ops import batched_nms, clip_boxes_to_image

from polyclinic.decoding.boxing import clip, correct, highest, suppress
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
