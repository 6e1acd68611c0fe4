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
    dice,
    iou,
    label_counts,
    pixel_counts,
    precision,
    sensitivity,
)
from tests.metrics.segmentation.regions import SHAPES, pairs


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
