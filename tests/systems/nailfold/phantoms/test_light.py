from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms.light import bubbles, glare, hair, illumination

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
