import numpy as np
import pytest
import torch
from hypothesis import given
from torchmetrics.functional.classification import (
    binary_calibration_error,
    multiclass_calibration_error,
)

from polyclinic.metrics.classify.calibration import (
    bin_of,
    calibration_error,
    classwise_calibration_error,
    reliability_bins,
)
from polyclinic.metrics.classify.counts import top_class
from tests.metrics.classify.drawn import classified, once, scored


@given(classified())
def test_the_top_class_error_is_that_of_torchmetrics(objects):
    # parts of up to 27: no top probability lies on an edge of 13 bins in double precision
    probabilities, true, weights = objects
    said, confidence = top_class(probabilities)
    on_edge = np.isclose(confidence * 13, np.round(confidence * 13))
    weights = np.where(on_edge, 0, weights)
    found = once(lambda w: calibration_error(confidence, said == true, w, bins=13), weights)
    shown, truth = np.repeat(probabilities, weights, axis=0), np.repeat(true, weights)
    if not len(truth):
        assert np.isnan(found)
        return
    expected = multiclass_calibration_error(
        torch.tensor(shown), torch.tensor(truth), num_classes=3, n_bins=13
    )
    assert found == pytest.approx(expected.item(), abs=1e-6)


@given(classified())
def test_the_classwise_error_is_the_mean_of_each_class(objects):
    probabilities, true, weights = objects
    on_edge = np.isclose(probabilities * 13, np.round(probabilities * 13)).any(1)
    weights = np.where(on_edge, 0, weights)
    found = once(lambda w: classwise_calibration_error(probabilities, true, w, bins=13), weights)
    shown, truth = np.repeat(probabilities, weights, axis=0), np.repeat(true, weights)
    if not len(truth):
        assert np.isnan(found)
        return
    each = [
        binary_calibration_error(
            torch.tensor(shown[:, k]), torch.tensor((truth == k).astype(int)), n_bins=13
        ).item()
        for k in range(3)
    ]
    assert found == pytest.approx(np.mean(each), abs=1e-6)


@given(scored())
def test_bins_hold_what_lies_in_them(objects):
    confidence, happened, weights = objects
    found = reliability_bins(confidence, happened, weights.astype(float), bins=10)
    shown, truth = np.repeat(confidence, weights), np.repeat(happened, weights)
    for k, (low, high) in enumerate(zip(found.edges[:-1], found.edges[1:], strict=True)):
        inside = (shown > low) & (shown <= high) if k else shown <= high
        assert found.count[k] == inside.sum()
        if inside.any():
            assert found.confidence[k] == pytest.approx(shown[inside].mean())
            assert found.frequency[k] == pytest.approx(truth[inside].mean())
        else:
            assert np.isnan([found.confidence[k], found.frequency[k]]).all()
    if len(truth):
        gaps = np.nan_to_num(np.abs(found.confidence - found.frequency))
        error = once(lambda w: calibration_error(confidence, happened, w, bins=10), weights)
        assert error == pytest.approx(gaps @ found.count / found.count.sum(), abs=1e-9)


def test_an_edge_belongs_to_the_bin_below_it():
    np.testing.assert_array_equal(bin_of(np.array([0, 0.5, 0.51, 1]), 2), [0, 0, 1, 1])


def test_an_unknown_confidence_leaves_no_error_and_no_dot():
    confidence, happened = np.array([1.0, np.nan]), np.array([True, True])
    weights = np.array([[1.0, 1.0], [1.0, 0.0]])
    np.testing.assert_array_equal(calibration_error(confidence, happened, weights), [np.nan, 0])
    assert reliability_bins(confidence, happened).count.sum() == 1
    both = np.column_stack([1 - confidence, confidence])
    found = classwise_calibration_error(both, np.array([1, 1]), weights)
    np.testing.assert_array_equal(found, [np.nan, 0])
