import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torchmetrics.functional.classification import binary_f1_score, binary_jaccard_index

from polyclinic.metrics.segmentation import soft_dice, soft_iou
from tests.metrics.segmentation.regions import SHAPES, pairs

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
