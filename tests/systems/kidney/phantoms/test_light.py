from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from scipy.ndimage import gaussian_filter

from polyclinic.systems.kidney.phantoms.light import Camera, defocus, draw_camera, expose, to_tiff

CAMERA = Camera(gain=1 / 2000, floor=0.005)


def light(side=64):
    return np.random.default_rng(0).uniform(0, 1, (side, side)).astype(np.float32)


def test_level_0_is_the_very_light():
    sharp = light()
    assert defocus(sharp, 0) is sharp


@pytest.mark.parametrize("level", [1, 2.5, 4])
def test_defocus_grows_with_the_level_and_the_side(level):
    expected = gaussian_filter(light(128).astype(float), level * 128 / 256, mode="reflect")
    assert np.abs(defocus(light(128), level) - expected).max() < 5e-3


def test_noise_is_small_and_grows_with_the_light():
    rng = np.random.default_rng(1)
    dark, bright = (expose(np.full((200, 200), one, np.float32), CAMERA, rng) for one in (0.0, 0.8))
    assert dark.std() == pytest.approx(np.sqrt(0.02 / 2000 + 0.005**2), rel=0.03)
    assert bright.std() == pytest.approx(np.sqrt(0.804 / 2000 + 0.005**2), rel=0.03)
    assert dark.mean() == pytest.approx(0.02, abs=1e-3)
    assert bright.mean() == pytest.approx(0.804, abs=1e-3)


def test_too_much_light_is_white():
    image = expose(np.full((20, 20), 3, np.float32), CAMERA, np.random.default_rng(0))
    assert (image == 1).all()


def test_cameras_are_good():
    for seed in range(20):
        camera = draw_camera(np.random.default_rng(seed))
        assert np.sqrt(camera.gain + camera.floor**2) < 0.035


def test_files_hold_twelve_of_sixteen_bits():
    image = np.linspace(0, 1, 100, dtype=np.float32).reshape(10, 10)
    with Image.open(io.BytesIO(to_tiff(image))) as file:
        assert file.mode == "I;16"
        values = np.asarray(file)
    assert np.array_equal(values, np.rint(image * 4095))
