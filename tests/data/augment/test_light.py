import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import AugmentConfig, change_light, cut_out
from polyclinic.data.augment import light as lookup
from polyclinic.data.augment.light import look_up

SHAPES = [(4, 5, 3), (512, 512, 3), (700, 900, 3), (701, 901, 3), (1024, 1024, 1)]


def drawn(*shape):
    return np.random.default_rng(sum(shape)).integers(0, 256, shape, np.uint8)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("two_at_once", [True, False])
def test_every_level_is_replaced(shape, two_at_once, monkeypatch):
    if not two_at_once:
        monkeypatch.setattr(lookup, "LOOKS_UP_16_BITS", False)
    image, tables = drawn(*shape), drawn(256, shape[2])
    kept = image.copy()
    assert np.array_equal(look_up(image, tables[:, :1]), tables[:, 0][image])
    each = np.stack([tables[image[..., c], c] for c in range(shape[2])], -1)
    assert np.array_equal(look_up(image, tables), each)
    assert np.array_equal(image, kept)


def test_a_part_of_an_image():
    image, table = drawn(1000, 1000, 3), drawn(256, 1)
    assert np.array_equal(look_up(image[:, 100:], table), table[:, 0][image[:, 100:]])


def cut(size, share, seed=0):
    image = np.full((*size, 3), 200, np.uint8)
    result = cut_out(image, share, np.random.default_rng(seed))
    assert (image == 200).all(), "the image given is not written to"
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    return result == 0


@settings(max_examples=200, deadline=None)
@given(st.tuples(st.integers(1, 90), st.integers(1, 90)), st.floats(0, 1), st.integers(0, 2**31))
def test_one_black_square_of_the_side_asked_for_inside_the_image(size, share, seed):
    black = cut(size, share, seed)
    side = int(share * min(size))
    assert black.sum() in (0, 3 * side**2)
    if black.any():
        rows, columns = (np.flatnonzero(black.any((axis, 2))) for axis in (1, 0))
        assert len(rows) == len(columns) == side
        assert np.ptp(rows) == np.ptp(columns) == side - 1


@pytest.mark.parametrize(("share", "side"), [(0.05, 22), (0.10, 45), (0.25, 112)])
def test_the_sides_of_kneel_at_450_pixels(share, side):
    sides = {int(cut((450, 450), share, seed).any((1, 2)).sum()) for seed in range(20)}
    assert sides == {0, side}


def test_half_of_the_views_are_cut_at_every_place():
    results = np.array([cut((20, 30), 0.25, seed)[..., 0] for seed in range(2000)])
    assert results.any((1, 2)).mean() == pytest.approx(0.5, abs=0.04)
    seen = results.any(0)
    assert seen.all(), "each pixel is hidden at times"


def test_nothing_is_cut_by_default():
    assert not any(cut((20, 30), 0.0, seed).any() for seed in range(20))


AMOUNTS = ("brightness", "contrast", "gamma", "saturation", "tint", "blur", "noise")
GREY = np.full((40, 50, 3), 120, np.uint8)


def picture(seed=0):
    return np.random.default_rng(seed).integers(0, 256, (40, 50, 3), dtype=np.uint8)


def changed(image, seed=0, **amounts):
    return change_light(image, AugmentConfig(**amounts), np.random.default_rng(seed))


def test_nothing_to_change_gives_the_image_itself():
    image = picture()
    assert np.array_equal(changed(image), image)


@pytest.mark.parametrize("name", AMOUNTS)
def test_each_amount_changes_something_and_keeps_shape_and_type(name):
    image = picture()
    result = changed(image, **{name: 1.0})
    assert result.shape == image.shape
    assert result.dtype == np.uint8
    assert not np.array_equal(result, image)
    assert np.array_equal(image, picture()), "the image given is not written to"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**31), st.sampled_from(["contrast", "gamma", "saturation", "blur", "noise"]))
def test_the_draw_of_brightness_does_not_depend_on_other_switches(seed, other):
    """Saturation, blur and little noise leave the mean of a grey field where brightness put it."""
    alone = changed(GREY, seed, brightness=0.4)
    both = changed(GREY, seed, brightness=0.4, **{other: 1e-3})
    assert abs(alone.mean() - both.mean()) < 1.5


def test_a_fixed_draw_scales_with_its_amount():
    shifts = [changed(GREY, 3, brightness=a).mean() - 120 for a in (0.1, 0.2, 0.4)]
    assert shifts[1] == pytest.approx(2 * shifts[0], abs=1.5)
    assert shifts[2] == pytest.approx(4 * shifts[0], abs=2.5)
    assert abs(shifts[0]) > 1


def test_draws_are_even_about_no_change():
    means = [changed(GREY, seed, brightness=0.3).mean() for seed in range(300)]
    assert np.mean(means) == pytest.approx(120, abs=4)
    assert min(means) < 0.75 * 120
    assert max(means) > 1.25 * 120


def test_noise_is_unbiased_and_blur_keeps_the_mean():
    noisy = [changed(GREY, seed, noise=10.0).astype(float) for seed in range(30)]
    assert np.mean(noisy) == pytest.approx(120, abs=0.2)
    assert max(one.std() for one in noisy) == pytest.approx(10, rel=0.15)
    image = picture()
    assert changed(image, 1, blur=2.0).mean() == pytest.approx(image.mean(), abs=2)


def test_saturation_leaves_grey_alone():
    assert np.array_equal(changed(GREY, saturation=1.0), GREY)


def test_tint_changes_channels_apart():
    result = changed(GREY, tint=0.3).reshape(-1, 3)
    assert len(set(result[0].tolist())) == 3


@pytest.mark.parametrize(
    ("key", "corner", "total"), [(0, [156, 143, 115], 8344), (1, [148, 106, 67], 6365)]
)
def test_light_stays_what_it_was_before_there_were_more_settings(key, corner, total):
    """Written down before gamma could be spared."""
    image = np.full((4, 5, 3), (120, 90, 60), np.uint8)
    amounts = {name: 0.3 for name in ("brightness", "contrast", "saturation")}
    result = changed(image, key, **amounts, gamma=0.5, tint=0.1, blur=1.0, noise=5.0)
    assert np.abs(result[0, 0].astype(int) - corner).max() <= 1
    assert abs(int(result.sum()) - total) <= 60


def test_gamma_comes_as_often_as_asked():
    touched = [changed(GREY, n, gamma=1.0, gamma_often=0.5)[0, 0, 0] != 120 for n in range(600)]
    assert np.mean(touched) == pytest.approx(0.5, abs=0.07)
    for seed in range(20):
        result = changed(GREY, seed, gamma=1.0, gamma_often=0.5)
        whole = changed(GREY, seed, gamma=1.0)
        assert np.array_equal(result, whole) or np.array_equal(result, GREY)
