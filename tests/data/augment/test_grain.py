import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chisquare

from polyclinic.data.augment import GRAINS, AugmentConfig, add_grain
from polyclinic.errors import ConfigError

FIELD = np.full((60, 70, 3), 100, np.uint8)


def ramp(size=(60, 70)):
    rows, columns = np.mgrid[: size[0], : size[1]]
    grey = (40 + 2 * rows + columns + 20 * ((rows // 7 + columns // 5) % 2)).astype(np.uint8)
    return grey[..., None].repeat(3, 2)


def changed(image, *choice, seed=0):
    return add_grain(image, choice, np.random.default_rng(seed))


def specks(image):
    return np.isin(image, (0, 255)).all(2).mean()


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.sampled_from(GRAINS),
    st.integers(0, 2**31),
)
def test_each_keeps_shape_type_and_the_image_given(size, name, seed):
    image = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    before = image.copy()
    first, again = changed(image, name, seed=seed), changed(image, name, seed=seed)
    assert first.shape == image.shape
    assert first.dtype == np.uint8
    assert np.array_equal(first, again)
    assert np.array_equal(image, before)


@pytest.mark.parametrize("name", GRAINS)
def test_grey_stays_grey(name):
    for seed in range(5):
        result = changed(ramp(), name, seed=seed)
        assert (result == result[..., :1]).all()


def test_nothing_to_choose_from_and_none_give_the_image_itself():
    assert np.array_equal(changed(ramp()), ramp())
    assert np.array_equal(changed(ramp(), "none"), ramp())


@pytest.mark.parametrize("name", ["salt_and_pepper", "median_then_salt"])
def test_specks_are_white_and_black_alike_and_up_to_their_share(name):
    most = 0.01
    image = np.full((300, 300, 3), 100, np.uint8)
    results = [changed(image, name, seed=seed) for seed in range(100)]
    shares = [specks(one) for one in results]
    assert max(shares) < most * 1.15
    assert np.mean(shares) == pytest.approx(most / 2, rel=0.2)
    assert min(shares) < 0.1 * most
    white, black = (sum((one == value).sum() for one in results) for value in (255, 0))
    assert white / black == pytest.approx(1, abs=0.05)
    assert set(np.unique(results)) == {0, 100, 255}


def test_a_median_takes_more_specks_away_in_half_of_the_views():
    image = np.full((200, 200, 3), 100, np.uint8)
    shares = np.array([specks(changed(image, "salt_then_median", seed=n)) for n in range(200)])
    assert 0.04 < shares.max() < 0.055
    assert (shares < 2e-4).mean() == pytest.approx(0.5, abs=0.1)


def test_blurs_are_those_of_opencv_with_either_kernel():
    image = ramp()
    gaussian = {k: cv2.GaussianBlur(image, (k, k), 0).tobytes() for k in (3, 5)}
    median = {k: cv2.medianBlur(image, k).tobytes() for k in (3, 5)}
    for name, answers in (("gaussian_blur", gaussian), ("median_blur", median)):
        assert {changed(image, name, seed=n).tobytes() for n in range(20)} == set(answers.values())


def test_blended_noise_pulls_towards_its_mean_and_stays_below_a_half():
    """Of a black image (1 - g) 0 + g noise is left: its range is g times 255."""
    black = np.zeros((100, 100, 3), np.uint8)
    tops = [changed(black, "blended_noise", seed=n).max() / 255 for n in range(200)]
    assert max(tops) <= 0.5 + 1 / 255
    assert max(tops) > 0.45
    assert np.mean(tops) == pytest.approx(0.25, abs=0.03)
    assert min(changed(black, "blended_noise", seed=n).min() for n in range(20)) == 0


def test_each_of_seven_is_drawn_as_often_as_the_others():
    """Only the one at a place changes the image; the draw depends on the key alone."""
    field = np.full((8, 8, 3), 100, np.uint8)
    drawn = np.array(
        [
            [
                not np.array_equal(changed(field, *choice, seed=seed), field)
                for choice in np.where(np.eye(7, dtype=bool), "blended_noise", "none")
            ]
            for seed in range(2100)
        ]
    )
    assert len(GRAINS) == 7
    assert drawn.sum(1).max() == 1
    assert drawn.any(1).mean() > 0.98, "little noise leaves a few images as they were"
    assert chisquare(drawn.sum(0)).pvalue > 1e-3


def test_a_name_given_twice_comes_twice_as_often():
    results = [changed(FIELD, "blended_noise", "none", "none", seed=n) for n in range(600)]
    untouched = np.mean([np.array_equal(one, FIELD) for one in results])
    assert untouched == pytest.approx(2 / 3, abs=0.06)


def test_unknown_names_are_refused_with_the_known_ones():
    with pytest.raises(ConfigError, match=r"grain\.1 = 'pepper'.*salt_and_pepper"):
        AugmentConfig.parse({"grain": ["none", "pepper"]})
    assert AugmentConfig.parse({"grain": list(GRAINS)}).grain == GRAINS
