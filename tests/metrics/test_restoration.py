import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from monai.metrics import SSIMMetric
from torchmetrics.functional.image import (
    peak_signal_noise_ratio,
    structural_similarity_index_measure,
)

from polyclinic.errors import DataError
from polyclinic.metrics.restoration import psnr, ssim

SHAPES = st.one_of(
    st.tuples(st.integers(11, 20), st.integers(11, 20)),
    st.tuples(st.integers(11, 20), st.integers(11, 20), st.just(3)),
)


def images(shape, seed, noise):
    random = np.random.default_rng(seed)
    sharp = random.integers(0, 256, shape).astype(float)
    spoilt = np.clip(sharp + random.normal(0, noise, shape), 0, 255)
    return spoilt.astype(np.uint8), sharp.astype(np.uint8)


def batch(image):
    planes = image[..., None] if image.ndim == 2 else image
    return torch.tensor(planes.astype(float)).permute(2, 0, 1)[None]


@settings(deadline=None, max_examples=30)
@given(SHAPES, st.integers(0, 1000), st.floats(3, 80))
def test_figures_are_those_of_torchmetrics(shape, seed, noise):
    restored, sharp = images(shape, seed, noise)
    left, right = batch(restored), batch(sharp)
    assert psnr(restored, sharp, data_range=255) == pytest.approx(
        float(peak_signal_noise_ratio(left, right, data_range=255.0)), rel=1e-6
    )
    # torchmetrics averages over mirrored borders too: take the pixels with a whole window
    _, everywhere = structural_similarity_index_measure(
        left, right, data_range=255.0, return_full_image=True
    )
    whole = everywhere[..., 5:-5, 5:-5].mean()
    assert ssim(restored, sharp, data_range=255) == pytest.approx(float(whole), abs=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
def test_structural_similarity_is_that_of_monai(channels):
    restored, sharp = images((24, 31, channels), 5, 30)
    theirs = SSIMMetric(spatial_dims=2, data_range=255.0)(batch(restored), batch(sharp))
    assert ssim(restored, sharp, data_range=255) == pytest.approx(float(theirs), abs=1e-6)


def test_a_constant_error_by_hand():
    sharp = np.full((16, 16), 100, np.uint8)
    assert psnr(sharp + np.uint8(5), sharp, data_range=255) == pytest.approx(20 * np.log10(255 / 5))
    luminance = (2 * 105 * 100 + (0.01 * 255) ** 2) / (105**2 + 100**2 + (0.01 * 255) ** 2)
    assert ssim(sharp + np.uint8(5), sharp, data_range=255) == pytest.approx(luminance)


def test_equal_images_and_the_scale_of_values():
    restored, sharp = images((15, 17, 3), 0, 20)
    assert psnr(sharp, sharp, data_range=255) == np.inf
    assert ssim(sharp, sharp, data_range=255) == pytest.approx(1)
    wide = [image.astype(np.uint16) * 257 for image in (restored, sharp)]
    for figure in (psnr, ssim):
        expected = figure(restored, sharp, data_range=255)
        assert figure(*wide, data_range=65535) == pytest.approx(expected, abs=1e-9)


def test_what_can_not_be_compared():
    small = np.zeros((10, 40), np.uint8)
    assert np.isnan(ssim(small, small, data_range=255))
    with pytest.raises(DataError, match="twice"):
        psnr(small, small[:5], data_range=255)
    with pytest.raises(DataError, match="above 0"):
        psnr(small, small, data_range=0)
    with pytest.raises(DataError, match="twice"):
        ssim(small[:0], small[:0], data_range=255)
