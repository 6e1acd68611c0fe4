import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage
from scipy.signal import fftconvolve
from skimage.filters import gaussian

from polyclinic.data.degrade import disk_blur, disk_kernel, gaussian_blur
from tests.data.degrade.pictures import sharpness, textured

IMAGE = (textured() / 255).astype(np.float32)
SHAPES = [(60, 80), (60, 80, 3), (5, 7, 3), (1, 9), (4, 1, 3)]
SIGMAS = st.floats(0.05, 8)


@pytest.mark.parametrize("blur", [gaussian_blur, disk_blur])
def test_nothing_gives_the_very_image(blur):
    assert blur(IMAGE, 0.0) is IMAGE


@pytest.mark.parametrize("sigma", [0.3, 0.8, 2.0, 4.7])
@pytest.mark.parametrize("shape", SHAPES)
def test_gaussian_is_that_of_scipy(sigma, shape):
    image = np.random.default_rng(1).random(shape, np.float32)
    axes = (0, 1)
    expected = ndimage.gaussian_filter(
        image.astype(float), sigma, mode="reflect", radius=math.ceil(3 * sigma), axes=axes
    )
    blurred = gaussian_blur(image, sigma)
    assert (blurred.shape, blurred.dtype) == (shape, np.float32)
    np.testing.assert_allclose(blurred, expected, atol=2e-6)


def test_gaussian_is_that_of_scikit_image():
    expected = gaussian(IMAGE, 2, mode="reflect", truncate=3, channel_axis=2)
    np.testing.assert_allclose(gaussian_blur(IMAGE, 2), expected, atol=2e-6)


@pytest.mark.parametrize("radius", [0.4, 1.0, 2.5, 6.3, 20.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_disk_is_a_convolution_with_its_kernel(radius, shape):
    image = np.random.default_rng(2).random(shape, np.float32)
    kernel = disk_kernel(radius)
    reach = len(kernel) // 2
    around = np.pad(
        image.reshape(*shape[:2], -1).astype(float),
        ((reach, reach), (reach, reach), (0, 0)),
        mode="symmetric",
    )
    expected = fftconvolve(around, kernel[..., None], mode="valid", axes=(0, 1))
    np.testing.assert_allclose(disk_blur(image, radius), expected.reshape(shape), atol=2e-6)


@pytest.mark.parametrize("blur", [gaussian_blur, disk_blur])
@given(first=SIGMAS, second=SIGMAS)
def test_more_blur_is_less_sharp_and_keeps_the_light(blur, first, second):
    less, more = (blur(IMAGE, sigma) for sigma in sorted((first, second)))
    assert sharpness(more) <= sharpness(less) * (1 + 1e-5) <= sharpness(IMAGE) * (1 + 1e-4)
    np.testing.assert_allclose(more.mean((0, 1)), IMAGE.mean((0, 1)), atol=2e-5)


def test_a_disk_of_twice_sigma_takes_as_much_detail():
    """Both have the same variance; on soft texture little else matters."""
    soft = gaussian_blur(IMAGE, 3)
    gauss, disk = gaussian_blur(soft, 1.5), disk_blur(soft, 3.0)
    lost = sharpness(soft) - sharpness(gauss)
    assert sharpness(soft) - sharpness(disk) == pytest.approx(lost, rel=0.05)
