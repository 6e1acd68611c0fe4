import numpy as np
import pytest

from polyclinic.data.degrade import DegradeConfig, degrade_view, disk_blur, gaussian_blur
from polyclinic.errors import ConfigError
from tests.data.degrade.pictures import textured

IMAGE = textured()
CLEAR = DegradeConfig(blur=0.02, noise_floor=0.0)


def degraded(config, seed=0, image=IMAGE):
    return degrade_view(image, config, np.random.default_rng(seed))


def test_it_is_blur_of_the_level_that_it_states():
    for seed in range(5):
        view, level = degraded(CLEAR, seed)
        sigma = level * 0.02 * 80
        expected = gaussian_blur((IMAGE / 255).astype(np.float32), sigma) * 255
        assert np.abs(view - expected).max() <= 0.5 + 1e-3


def test_a_disk_has_twice_sigma_as_radius():
    view, level = degraded(CLEAR.model_copy(update={"kernel": "disk"}), 3)
    expected = disk_blur((IMAGE / 255).astype(np.float32), 2 * level * 0.02 * 80) * 255
    assert np.abs(view - expected).max() <= 0.5 + 1e-3


def test_both_kernels_are_drawn_at_the_same_level():
    both, gauss, disk = (
        CLEAR.model_copy(update={"kernel": k}) for k in ("both", "gaussian", "disk")
    )
    picked = []
    for seed in range(20):
        (view, level), (round_, first), (even, second) = (
            degraded(one, seed) for one in (both, gauss, disk)
        )
        assert level == first == second
        picked.append(np.array_equal(view, round_))
        assert picked[-1] or np.array_equal(view, even)
    assert 3 <= sum(picked) <= 17


def test_levels_fill_zero_to_one():
    tiny = textured(size=(12, 12))
    levels = np.array([degraded(CLEAR, seed, tiny)[1] for seed in range(400)])
    assert ((levels > 0) & (levels <= 1)).all()
    assert np.quantile(levels, [0.25, 0.5, 0.75]) == pytest.approx([0.25, 0.5, 0.75], abs=0.07)


def test_noise_comes_after_the_blur():
    flat = np.full((120, 120, 3), 100, np.uint8)
    flat[..., 1] = 101
    view, _ = degraded(CLEAR.model_copy(update={"noise_gain": 0.01, "noise_floor": 0.03}), 1, flat)
    variance = (view[..., 0] / 255).var()
    assert variance == pytest.approx(0.01 * 100 / 255 + 0.03**2, rel=0.05)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_generator_decides_everything(dtype):
    image = textured(dtype=dtype)
    config = DegradeConfig(blur=0.02, kernel="both", noise_gain=0.01)
    before = image.copy()
    (one, level), (same, again) = degraded(config, 7, image), degraded(config, 7, image)
    assert np.array_equal(one, same)
    assert level == again
    assert one.dtype == dtype
    assert np.array_equal(image, before)
    assert not np.array_equal(one, degraded(config, 8, image)[0])


@pytest.mark.parametrize(
    "wrong", [{"blur": -0.1}, {"blur": 2}, {"kernel": "square"}, {"share": 1.5}, {"sigma": 1}]
)
def test_wrong_settings(wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        DegradeConfig.parse(wrong)
