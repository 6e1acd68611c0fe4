from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms.light import (
    bubbles,
    expose,
    from_jpeg,
    glare,
    hair,
    illumination,
    to_jpeg,
)

CONFIG = NailfoldPhantomConfig(size=(160, 240))


@pytest.mark.parametrize("seed", range(10))
def test_light_is_uneven_but_never_out(seed):
    light = illumination(CONFIG, np.random.default_rng(seed))
    assert light.shape == CONFIG.size
    assert light.min() > 0.2
    assert light.max() < 1.6
    assert light.std() > 0.005


@pytest.mark.parametrize("seed", range(10))
def test_hair_and_bubbles_only_dim_and_glare_only_adds(seed):
    rng = np.random.default_rng(seed)
    passed, mirrored = bubbles(CONFIG, rng)
    for plane in (hair(CONFIG, rng), passed):
        assert plane.min() > 0
        assert plane.max() <= 1 + 1e-6
    for plane in (glare(CONFIG, rng), mirrored):
        assert plane.min() >= 0
        assert plane.max() > 0


def test_most_of_the_field_stays_clear():
    rng = np.random.default_rng(3)
    assert np.mean(hair(CONFIG, rng) < 0.9) < 0.15


SIZE = (96, 128)


def picture(level, noise, seed=0):
    config = NailfoldPhantomConfig(size=SIZE, noise=(noise, noise))
    light = [np.full(SIZE, level, np.float32)] * 3
    rng = np.random.default_rng(seed)
    return expose(light, np.ones(3), config, rng)


def test_light_becomes_its_share_of_255():
    assert picture(0.5, 0.0).mean() == pytest.approx(127.5, abs=6)
    assert picture(2.0, 0.0).min() == 255


def test_brighter_light_is_noisier_but_less_so_than_in_proportion():
    dark, bright = picture(0.2, 0.02).std(), picture(0.8, 0.02).std()
    assert dark < bright < 4 * dark


def test_noise_at_half_of_full_scale_is_as_configured():
    assert picture(0.5, 0.02)[..., 1].std() == pytest.approx(0.02 * 255, rel=0.1)


def test_a_jpeg_keeps_the_picture():
    pixels = picture(0.5, 0.004)
    again = from_jpeg(to_jpeg(pixels, NailfoldPhantomConfig(size=SIZE)))
    assert again.shape == pixels.shape
    assert np.abs(again.astype(int) - pixels).mean() < 3
