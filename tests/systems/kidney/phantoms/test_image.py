from __future__ import annotations

import cv2
import numpy as np
import pytest

from polyclinic.errors import ConfigError
from polyclinic.systems.kidney.phantoms import PATTERNS, glomerulus_image
from polyclinic.systems.kidney.phantoms.image import field_light, paint_deposits
from polyclinic.systems.kidney.phantoms.light import bleaching, haze, illumination
from polyclinic.systems.kidney.phantoms.patient import draw_slide
from polyclinic.systems.kidney.phantoms.tissue import draw_glomeruli

SEEDS = range(40)


def image(pattern="linear", seed=0, **more):
    return glomerulus_image(pattern, rng=np.random.default_rng(seed), **more)


@pytest.mark.parametrize("side", [48, 65, 128, 1024])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_images_are_square_and_within_0_and_1(pattern, side):
    one = image(pattern, side=side)
    assert one.shape == (side, side)
    assert one.dtype == np.float32
    assert one.min() >= 0
    assert one.max() <= 1


def test_the_same_seed_gives_the_same_image_and_another_seed_another():
    assert np.array_equal(image(seed=5), image(seed=5))
    assert not np.array_equal(image(seed=5), image(seed=6))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_levels_show_the_same_field(pattern):
    for seed in range(5):
        sharp, blurred = (image(pattern, seed, level=level) for level in (0, 4))
        again = cv2.GaussianBlur(sharp, (0, 0), 4 * 128 / 256)
        assert np.abs(again - blurred).mean() < 0.02
        assert np.abs(sharp - blurred).mean() > 0


def test_a_level_takes_detail_away():
    detail = [
        np.mean([cv2.Laplacian(image("granular", seed, level=level), -1).std() for seed in SEEDS])
        for level in range(5)
    ]
    assert detail == sorted(detail, reverse=True)


def test_most_tufts_are_in_the_middle_some_cut_some_in_pairs():
    fields = [draw_glomeruli(np.random.default_rng(seed)) for seed in range(400)]
    pairs = [one for one in fields if len(one) == 2]
    alone = [one[0] for one in fields if len(one) == 1]
    cut = [g for g in alone if ((g.centre < g.radius) | (g.centre > 1 - g.radius)).any()]
    assert 0.09 < len(pairs) / len(fields) < 0.21
    assert 0.15 < len(cut) / len(fields) < 0.40
    for first, second in pairs:
        assert np.linalg.norm(first.centre - second.centre) > first.capsule + second.capsule
    for one in alone:
        assert ((one.centre > 0) & (one.centre < 1)).all()


def test_without_deposits_nothing_tells_the_patterns_apart():
    mean = {
        one: np.mean([image(one, seed, amplitude=0, side=64).mean() for seed in SEEDS])
        for one in PATTERNS
    }
    assert max(mean.values()) - min(mean.values()) < 0.05


def test_deposits_are_alike_in_brightness():
    rng = np.random.default_rng(0)
    planes = {
        pattern: [paint_deposits(draw_glomeruli(rng), pattern, 96, rng) for _ in range(30)]
        for pattern in PATTERNS
    }
    for measure, bound in (
        (np.mean, 1.8),
        (np.std, 1.4),
        (lambda one: np.quantile(one, 0.995), 1.4),
    ):
        usual = [np.median([measure(one) for one in planes[pattern]]) for pattern in PATTERNS]
        assert max(usual) < bound * min(usual)


@pytest.mark.parametrize("seed", range(10))
def test_light_is_uneven_but_never_out(seed):
    rng = np.random.default_rng(seed)
    lamp, left = illumination(80, rng), bleaching(80, rng)
    assert 0.3 < lamp.min() < lamp.max() < 1.6
    assert 0.4 < left.min() < left.max() <= 1
    around = haze(np.zeros((80, 80), np.float32), rng)
    assert 0 < around.min() < around.max() < 0.2


def test_what_can_not_be_drawn_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ConfigError, match="no pattern 'ring'"):
        field_light("ring", draw_slide(rng), amplitude=1, side=64, rng=rng)
    with pytest.raises(ConfigError, match="48 to 1024"):
        image(side=32)
    with pytest.raises(ConfigError, match="0 to 4"):
        image(level=5)
