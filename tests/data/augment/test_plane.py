import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import AugmentConfig, FrameConfig, random_view

sides = st.integers(1, 3000)


def views(augment, frame, size, number=40):
    return [random_view(size, frame, augment, np.random.default_rng(n)) for n in range(number)]


@settings(max_examples=200, deadline=None)
@given(st.tuples(sides, sides), st.integers(64, 2048), st.integers(0, 2**31))
def test_a_view_without_a_turn_lies_inside_the_image(size, longest, seed):
    frame, augment = FrameConfig(longest=longest), AugmentConfig(upend=0.5, scale=(0.3, 2.0))
    view, cut = random_view(size, frame, augment, np.random.default_rng(seed))
    assert min(cut) >= 1
    assert max(cut) <= longest
    corners = np.array([[-0.5, -0.5], [cut[1] - 0.5, cut[0] - 0.5]])
    seen = view.inverse().points(corners)
    assert seen.min() >= -0.5 - 1e-6
    assert (seen.max(0) <= np.array([size[1], size[0]]) - 0.5 + 1e-6).all()


def test_nothing_to_draw_is_the_reading_view():
    frame, size = FrameConfig(longest=384), (768, 1024)
    for view, cut in views(AugmentConfig(mirror=0), frame, size):
        assert cut == frame.fit(size) == (288, 384)
        np.testing.assert_allclose(
            view.points(np.array([[-0.5, -0.5], [1023.5, 767.5]])), [[-0.5, -0.5], [383.5, 287.5]]
        )


@pytest.mark.parametrize(("share", "flipped"), [(0.0, 0), (1.0, 40)])
def test_flips_come_as_often_as_asked(share, flipped):
    frame = FrameConfig(longest=100)
    mirrored = views(AugmentConfig(mirror=share), frame, (80, 100))
    upended = views(AugmentConfig(mirror=0, upend=share), frame, (80, 100))
    assert sum(view.reflects for view, _ in mirrored) == flipped
    assert sum(view.reflects for view, _ in upended) == flipped


def test_scale_and_turn_stay_in_their_limits_and_fill_them():
    frame = FrameConfig(longest=400)
    augment = AugmentConfig(mirror=0, degrees=20, scale=(0.5, 1.5))
    linear = [view.matrix[:2, :2] for view, _ in views(augment, frame, (300, 400), 200)]
    scales = [np.sqrt(np.linalg.det(one)) for one in linear]
    turns = [np.degrees(np.arctan2(one[1, 0], one[0, 0])) for one in linear]
    assert 0.495 < min(scales) < 0.55
    assert 1.45 < max(scales) < 1.505
    assert -20.1 < min(turns) < -17
    assert 17 < max(turns) < 20.1
    assert abs(np.mean(turns)) < 3


def test_crops_reach_every_side():
    frame = FrameConfig(longest=100)
    corners = [
        view.inverse().points(np.array([[-0.5, -0.5]]))[0]
        for view, _ in views(AugmentConfig(mirror=0, scale=(2.0, 2.0)), frame, (100, 100), 300)
    ]
    low, high = np.min(corners, 0), np.max(corners, 0)
    assert (low < 1).all()
    assert (high > 48).all()


def test_scale_must_be_a_rising_pair_of_positive_factors():
    for scale in ((1.2, 0.8), (0.0, 1.0), (-1.0, 1.0), (1.0, 1e9)):
        with pytest.raises(ValueError, match="scale"):
            AugmentConfig(scale=scale)
