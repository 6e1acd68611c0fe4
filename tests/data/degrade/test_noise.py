import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.data.degrade import add_noise

AMOUNTS = st.floats(0, 0.2)


def test_none_gives_the_very_image():
    image = np.ones((3, 4), np.float32)
    assert add_noise(image, 0.0, 0.0, np.random.default_rng(0)) is image


@given(gain=AMOUNTS, floor=AMOUNTS, light=st.floats(0, 1), seed=st.integers(0, 99))
def test_variance_is_that_of_the_formula(gain, floor, light, seed):
    image = np.full((200, 200), light, np.float32)
    noise = add_noise(image, gain, floor, np.random.default_rng(seed)).astype(float) - light
    variance = gain * light + floor**2
    # five standard errors of 40,000 draws
    assert noise.var() == pytest.approx(variance, rel=5 * np.sqrt(2 / noise.size), abs=1e-12)
    assert abs(noise.mean()) <= 5 * np.sqrt(variance / noise.size) + 1e-7


def test_poisson_noise_of_photons():
    """A gain of 1 / photons is what counting photons gives."""
    photons, light = 400, 0.7
    counted = np.random.default_rng(1).poisson(photons * light, 100_000) / photons
    image = np.full(100_000, light, np.float32)
    noisy = add_noise(image, 1 / photons, 0.0, np.random.default_rng(2))
    assert noisy.std() == pytest.approx(counted.std(), rel=0.02)
    assert np.quantile(noisy, [0.05, 0.95]) == pytest.approx(
        np.quantile(counted, [0.05, 0.95]), abs=0.004
    )


def test_the_same_numbers_are_drawn_for_every_amount():
    image = np.full((4, 5), 0.5, np.float32)
    little, much = (
        add_noise(image, 0.0, b, np.random.default_rng(3)) - image for b in (0.01, 0.04)
    )
    np.testing.assert_allclose(much, 4 * little, rtol=1e-4, atol=1e-6)
