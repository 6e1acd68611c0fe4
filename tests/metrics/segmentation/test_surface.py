import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import (
    compute_average_surface_distance,
    compute_hausdorff_distance,
    compute_surface_dice,
)
from scipy.ndimage import binary_erosion, distance_transform_edt

from polyclinic.errors import DataError
from polyclinic.metrics.segmentation import (
    boundary,
    hausdorff_95,
    mean_surface_distance,
    surface_dice,
    surface_distances,
)
from polyclinic.sample import Mask
from tests.metrics.segmentation.regions import SPACINGS, pairs


def by_monai(function, true, read, spacing, **known):
    one, other = (torch.tensor(region)[None, None].float() for region in (read, true))
    with warnings.catch_warnings():  # it warns of empty masks
        warnings.simplefilter("ignore")
        return float(function(one, other, include_background=True, spacing=spacing, **known))


@settings(deadline=None)
@given(pairs(), SPACINGS, st.floats(0, 6))
def test_figures_are_those_of_monai(both, spacing, tolerance):
    there, back = surface_distances(*both, spacing)
    near = np.concatenate([there, back])
    for ours, theirs in (
        (hausdorff_95, by_monai(compute_hausdorff_distance, *both, spacing, percentile=95)),
        (
            mean_surface_distance,
            by_monai(compute_average_surface_distance, *both, spacing, symmetric=True),
        ),
    ):
        if all(region.any() for region in both):  # otherwise it has other answers; see below
            assert ours(there, back) == pytest.approx(theirs, rel=1e-5, abs=1e-6)
    if not np.isclose(near, tolerance, rtol=1e-5).any():  # MONAI's distances have 32 bits
        expected = by_monai(compute_surface_dice, *both, spacing, class_thresholds=[tolerance])
        assert surface_dice(there, back, tolerance) == pytest.approx(
            expected, rel=1e-5, nan_ok=True
        )


@settings(deadline=None)
@given(pairs(), SPACINGS)
def test_distances_are_those_of_the_distance_transform(both, spacing):
    first, second = both
    there, back = surface_distances(first, second, spacing)
    for found, here, other in ((there, first, second), (back, second, first)):
        outline, target = boundary(here), boundary(other)
        if target.any():
            expected = distance_transform_edt(~target, sampling=spacing)[outline]
            np.testing.assert_allclose(found, expected, atol=1e-9)
        else:
            assert len(found) == outline.sum()
            assert np.isinf(found).all()


@settings(deadline=None)
@given(pairs())
def test_the_outline_is_the_mask_without_its_erosion(both):
    for region in both:
        np.testing.assert_array_equal(boundary(region), region & ~binary_erosion(region))


@settings(deadline=None)
@given(pairs(), SPACINGS)
def test_masks_are_compared_in_their_own_frame(both, spacing):
    masks = [Mask.from_array(region) for region in both]
    for cropped, whole in zip(
        surface_distances(*masks, spacing), surface_distances(*both, spacing), strict=True
    ):
        np.testing.assert_allclose(cropped, whole, atol=1e-9)


def test_empty_masks():
    nothing, something = np.zeros((5, 5), bool), np.eye(5, dtype=bool)
    neither = surface_distances(nothing, nothing)
    assert np.isnan([hausdorff_95(*neither), mean_surface_distance(*neither)]).all()
    assert np.isnan(surface_dice(*neither, 1))
    for one in (surface_distances(nothing, something), surface_distances(something, nothing)):
        assert hausdorff_95(*one) == mean_surface_distance(*one) == np.inf
        assert surface_dice(*one, 100) == 0


def test_two_pixels_apart_by_a_known_way():
    first, second = np.zeros((2, 9, 9), bool)
    first[1, 1] = second[4, 5] = True
    there, back = surface_distances(first, second, (2.0, 0.5))
    assert there == back == pytest.approx([np.hypot(6, 2)])


def test_a_tolerance_includes_its_end():
    assert surface_dice(np.array([1.0, 2.0]), np.array([2.0, 3.0]), 2) == 0.75


def test_masks_of_two_frames_are_refused():
    with pytest.raises(DataError, match="shape"):
        surface_distances(np.ones((2, 2), bool), np.ones((2, 3), bool))
    with pytest.raises(DataError, match="frame"):
        surface_distances(*(Mask.from_array(np.ones(size, bool)) for size in ((2, 2), (2, 3))))
