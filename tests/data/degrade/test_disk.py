import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.draw import disk

from polyclinic.data.degrade import disk_kernel

RADII = st.floats(0.001, 40)


def variances(kernel):
    away = np.arange(len(kernel)) - len(kernel) // 2
    return kernel.sum(0) @ away**2, kernel.sum(1) @ away**2


@given(RADII)
def test_sum_and_variance_are_those_of_the_disk(radius):
    kernel = disk_kernel(radius)
    assert kernel.sum() == pytest.approx(1, abs=1e-12)
    assert (kernel >= 0).all()
    assert variances(kernel) == pytest.approx((radius**2 / 4,) * 2, rel=1e-6, abs=1e-9)


@given(RADII)
def test_it_is_the_same_from_every_side(radius):
    kernel = disk_kernel(radius)
    for turned in (kernel.T, kernel[::-1], kernel[:, ::-1]):
        np.testing.assert_allclose(turned, kernel, atol=1e-12)


@given(RADII)
def test_it_is_even_inside_and_empty_outside(radius):
    kernel = disk_kernel(radius)
    rows, columns = np.indices(kernel.shape) - len(kernel) // 2
    away = np.hypot(rows, columns)
    inside, outside = kernel[away < radius - 1.2], kernel[away > radius + 1.2]
    assert not outside.any()
    if len(inside):
        np.testing.assert_allclose(inside, inside[0], rtol=0.01)


def test_it_changes_without_jumps():
    points = np.linspace(0, 4, 401)
    wide = np.zeros((len(points), 11, 11))
    for place, radius in enumerate(points):
        reach = len(kernel := disk_kernel(float(radius))) // 2
        wide[place, 5 - reach : 6 + reach, 5 - reach : 6 + reach] = kernel
    assert np.abs(np.diff(wide, axis=0)).max() < 0.02
    assert disk_kernel(0.0).tolist() == [[1.0]]


@pytest.mark.parametrize("radius", [5.0, 12.5])
def test_it_is_the_disk_of_scikit_image_drawn_finely(radius):
    """Pixels cut in 20 x 20, of a disk that is smaller by what the pixels add."""
    kernel, fine = disk_kernel(radius), 20
    drawn = math.sqrt(radius**2 - 1 / 3)
    side = len(kernel) * fine
    painted = np.zeros((side, side))
    painted[disk(((side - 1) / 2, (side - 1) / 2), drawn * fine, shape=painted.shape)] = 1
    shares = painted.reshape(len(kernel), fine, len(kernel), fine).mean((1, 3))
    np.testing.assert_allclose(kernel, shares / shares.sum(), atol=0.02 * kernel.max())
