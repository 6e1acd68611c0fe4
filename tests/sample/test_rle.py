from __future__ import annotations

import numpy as np
import pytest
from faster_coco_eval.core import mask as coco_mask
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from polyclinic.errors import DataError
from polyclinic.sample import Mask
from polyclinic.sample.rle import mask_from_coco, mask_to_coco, masks_at_once

arrays = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40))
sparse = st.builds(
    lambda shape, seed, share: np.random.default_rng(seed).random(shape) < share,
    st.tuples(st.integers(1, 90), st.integers(1, 90)),
    st.integers(0, 1000),
    st.sampled_from([0.001, 0.05, 0.5, 0.99]),
)


@given(arrays | sparse)
def test_encoding_then_decoding_gives_the_mask_back(array):
    again = mask_from_coco(mask_to_coco(Mask.from_array(array)), array.shape)
    assert (again.array() == array).all()


@given(arrays | sparse)
def test_both_encodings_agree_with_the_library(array):
    packed = coco_mask.encode(np.asfortranarray(array, dtype=np.uint8))
    text = packed["counts"].decode("ascii")
    assert mask_to_coco(Mask.from_array(array)) == {"size": list(array.shape), "counts": text}
    mask = mask_from_coco({"size": list(array.shape), "counts": text}, array.shape)
    assert (mask.array() == array).all()
    assert mask.patch.shape == Mask.from_array(array).patch.shape


def test_listed_counts_and_holes():
    mask = mask_from_coco({"size": [3, 3], "counts": [0, 4, 1, 4]}, (3, 3))
    assert mask.area == 8
    assert not mask.array()[1, 1]


def test_disjoint_polygons_are_one_mask():
    squares = [[0, 0, 2, 0, 2, 2, 0, 2], [5, 5, 9, 5, 9, 9, 5, 9]]
    mask = mask_from_coco(squares, (10, 10))
    assert mask.area == 4 + 16
    assert mask_to_coco(mask) == squares


@pytest.mark.parametrize(
    "segmentation",
    [
        [[0, 0, 5, 5]],
        [[0, 0, 5, 5, 1]],
        [0, 0, 5, 5, 1, 5],
        [[0, 0, float("nan"), 5, 1, 5]],
        [[0, 0, 1e12, 5, 1, 5]],
        [[0, 0, "a", 5, 1, 5]],
        {"size": [10, 10], "counts": [3, 3]},
        {"size": [10, 10], "counts": [-3, 103]},
        {"size": [9, 10], "counts": [100]},
        {"size": [10, 10], "counts": "zzz"},
        {"size": [10, 10], "counts": ""},
        {"size": [10, 10], "counts": "µ"},
        {"size": [10, 10], "counts": None},
        {},
    ],
)
def test_broken_segmentations_are_refused(segmentation):
    with pytest.raises(DataError):
        mask_from_coco(segmentation, (10, 10))


@given(st.lists(sparse | st.just(np.zeros((9, 7), bool)), max_size=8), st.data())
def test_masks_decoded_at_once_are_those_decoded_one_by_one(drawn, data):
    size = drawn[0].shape if drawn else (1, 1)
    rows = [mask_to_coco(Mask.from_array(one[: size[0], : size[1]])) for one in drawn]
    rows = [row | {"size": list(size)} for row in rows if row["size"] == list(size)]
    for row, mask in zip(rows, masks_at_once(rows, size), strict=True):
        alone = mask_from_coco(row, size)
        if mask is None:
            assert len(rows) < 4
        else:
            assert (mask.left, mask.top, mask.shape) == (alone.left, alone.top, alone.shape)
            assert (mask.patch == alone.patch).all()
            assert mask.source == row


@given(st.lists(st.integers(0, 99), min_size=4, max_size=6), st.floats(0.01, 0.99))
def test_many_masks_of_one_image(seeds, share):
    size = (17, 23)
    full = [np.random.default_rng(seed).random(size) < share for seed in seeds]
    masks = masks_at_once([mask_to_coco(Mask.from_array(one)) for one in full], size)
    for one, mask in zip(full, masks, strict=True):
        assert (mask.array() == one).all()
        assert mask.area == one.sum()


@pytest.mark.parametrize(
    "fault", ["", "~", "0", "P", "1", "1O3" * 20, "\u00e9", "_" * 20 + "0", "N1"]
)
def test_faulty_runs_are_left_for_the_decoder_that_says_why(fault):
    good = mask_to_coco(Mask.from_array(np.ones((4, 5), bool)))
    masks = masks_at_once(
        [good, good, good, {"size": [4, 5], "counts": fault}, None, [[1]]], (4, 5)
    )
    assert masks[3:] == [None] * 3
    with pytest.raises(DataError):
        mask_from_coco({"size": [4, 5], "counts": fault}, (4, 5))
