import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchmetrics.functional.classification import (
    binary_f1_score,
    binary_jaccard_index,
    binary_precision,
    binary_recall,
)

from polyclinic.errors import DataError
from polyclinic.metrics.segmentation import (
    EMPTY_CASE_POLICY,
    EmptyCases,
    dice,
    iou,
    label_counts,
    pixel_counts,
    precision,
    sensitivity,
    soft_dice,
    soft_iou,
)
from tests.metrics.segmentation.regions import SHAPES, pairs


def test_each_image_is_of_one_of_four_kinds():
    counts = np.array([[0, 0, 0], [0, 2, 0], [0, 0, 3], [0, 1, 1], [2, 2, 2]], float)
    assert EmptyCases.of("cup", counts[:, 1:] > 0) == EmptyCases(
        name="cup", neither=1, only_annotated=1, only_found=1, both=2
    )


def test_the_policy_is_one_line():
    assert "\n" not in EMPTY_CASE_POLICY


maps = SHAPES.flatmap(
    lambda shape: st.tuples(
        *[arrays(float, shape, elements=st.integers(0, 20).map(lambda v: v / 20))] * 2
    )
)


@settings(deadline=None, max_examples=40)
@given(maps)
def test_the_mean_over_thresholds_of_torchmetrics(both):
    true, read = both
    for ours, theirs in ((soft_dice, binary_f1_score), (soft_iou, binary_jaccard_index)):
        expected = [
            float(theirs(torch.tensor(read > cut).int(), torch.tensor(true > cut).int()))
            for cut in (0.1, 0.3, 0.5, 0.7, 0.9)
            if (read > cut).any() or (true > cut).any()
        ]
        if expected:
            assert ours(true, read) == pytest.approx(np.mean(expected), abs=1e-6)
        else:
            assert np.isnan(ours(true, read))


@settings(deadline=None)
@given(pairs())
def test_of_hard_masks_it_is_the_plain_dice(both):
    true, read = (region.astype(float) for region in both)
    assert soft_dice(true, read) == pytest.approx(
        soft_dice(true, read, thresholds=[0.5]), nan_ok=True
    )


def test_a_hard_answer_to_a_divided_panel_loses_where_raters_differ():
    panel = np.array([[0.0, 0.2, 0.6, 1.0]])
    assert soft_dice(panel, panel) == 1
    assert soft_dice(panel, (panel > 0.5).astype(float)) == pytest.approx(
        np.mean([4 / 5, 1, 1, 2 / 3, 2 / 3])
    )


@settings(deadline=None)
@given(pairs())
def test_ratios_are_those_of_torchmetrics(both):
    true, read = both
    counts = pixel_counts(true, read)
    for ours, theirs, exists in (
        (dice, binary_f1_score, true.any() or read.any()),
        (iou, binary_jaccard_index, true.any() or read.any()),
        (sensitivity, binary_recall, true.any()),
        (precision, binary_precision, read.any()),
    ):
        expected = float(theirs(torch.tensor(read).int(), torch.tensor(true).int()))
        if exists:
            assert ours(counts) == pytest.approx(expected, abs=1e-6)
        else:
            assert np.isnan(ours(counts))


@settings(deadline=None)
@given(
    SHAPES.flatmap(
        lambda shape: st.tuples(*[arrays(np.int16, shape, elements=st.integers(-1, 4))] * 2)
    )
)
def test_labels_count_as_their_masks_where_annotated(maps):
    true, read = maps
    looked = (true >= 0) & (true < 3)
    expected = [
        pixel_counts((true == label) & looked, (read == label) & looked) for label in range(3)
    ]
    np.testing.assert_array_equal(label_counts(true, read, 3), expected)


def test_counts_pool_before_the_ratio():
    counts = np.array([[1, 1, 1], [0, 3, 0]], float)
    np.testing.assert_allclose(dice(counts), [1, 0])
    assert dice(counts.sum(0)) == pytest.approx(2 / 5)


def test_two_shapes_are_refused():
    with pytest.raises(DataError, match="same shape"):
        pixel_counts(np.ones((2, 2), bool), np.ones((2, 3), bool))
