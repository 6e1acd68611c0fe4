import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import AugmentConfig, FrameConfig, jitter_landmarks, random_view
from polyclinic.geometry import warp_image
from polyclinic.sample import Instance, Sample


def sample(landmarks, size=(400, 500)):
    box = np.array([0.0, 0, 10, 10])
    instances = (Instance(box=box, landmarks=np.array(landmarks, float)), Instance(box=box))
    return Sample(image_id=0, size=size, instances=instances)


def jittered(one, share, seed):
    return jitter_landmarks(one, share, np.random.default_rng(seed))


MANY = [[x, y, 1 + x % 2] for x in range(100, 400, 20) for y in range(100, 300, 20)]


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 0.1), st.integers(0, 2**31))
def test_moves_are_whole_pixels_within_the_share_and_visibility_stays(share, seed):
    one = sample(MANY)
    before = np.array(MANY, float)
    after = jittered(one, share, seed).instances[0].landmarks
    moves = after[:, :2] - before[:, :2]
    assert np.abs(moves).max() <= share * 500
    assert (moves == np.rint(moves)).all()
    np.testing.assert_array_equal(after[:, 2], before[:, 2])
    np.testing.assert_array_equal(one.instances[0].landmarks, before)


def test_half_of_the_samples_are_moved_by_one_pixel_at_most_in_kneel():
    """int(U(-1.398, 1.398)) is -1, 0 or 1: 0 in 1 / 1.398 of the draws."""
    moves = [
        jittered(sample(MANY, (466, 466)), 0.003, seed).instances[0].landmarks[:, :2]
        - np.array(MANY)[:, :2]
        for seed in range(300)
    ]
    moved = np.array([one.any() for one in moves])
    assert moved.mean() == pytest.approx(0.5, abs=0.1)
    shifts = np.concatenate([one.ravel() for one in moves if one.any()])
    assert set(shifts) == {-1, 0, 1}
    assert (shifts == 0).mean() == pytest.approx(1 / 1.398, abs=0.02)
    assert shifts.mean() == pytest.approx(0, abs=0.02)


def test_what_is_pushed_outside_or_was_not_labelled_is_not_labelled():
    one = sample([[0, 0, 2], [0, 0, 0], [499, 399, 1], [250, 200, 2]])
    results = [jittered(one, 0.1, seed).instances[0].landmarks for seed in range(60)]
    assert {bool(r[0, 2]) for r in results} == {True, False}
    for result in results:
        assert not result[1].any()
        assert result[3, 2] == 2
        labelled = result[result[:, 2] > 0]
        assert (labelled[:, :2] >= -0.5).all()
        assert (labelled[:, :2] <= [499.5, 399.5]).all()
        assert not result[result[:, 2] == 0].any()


def test_everything_else_stays():
    one = sample(MANY)
    after = next(r for s in range(9) if (r := jittered(one, 0.1, s)) is not one)
    for old, new in zip(one.instances, after.instances, strict=True):
        np.testing.assert_array_equal(old.box, new.box)
    assert after.instances[1].landmarks is None


@pytest.mark.parametrize("instances", [None, ()])
def test_without_instances(instances):
    bare = Sample(image_id=0, size=(40, 50), instances=instances)
    assert all(jittered(bare, 0.1, seed).instances == instances for seed in range(5))


def test_nothing_moves_by_default():
    one = sample(MANY)
    assert all(jittered(one, 0.0, seed) is one for seed in range(5))


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


BEFORE = [
    (AugmentConfig(), (192, 256), [[0.64, 0.0, -0.18], [0.0, 0.64, -0.18]]),
    (
        AugmentConfig(upend=0.5, degrees=20, scale=(0.8, 1.25)),
        (166, 221),
        [
            [0.5256194685773102, -0.17049314436646185, 30.62764110161265],
            [0.1702363775827774, 0.5264122581226758, -30.160789917104122],
        ],
    ),
    (
        AugmentConfig(degrees=90, scale=(0.8, 1.3), shear=0.1),
        (232, 256),
        [
            [-0.2199818356924913, 0.745723840880599, 43.400662009002474],
            [0.7405161996643704, 0.2053779359089295, -62.936983251426824],
        ],
    ),
    (
        AugmentConfig(scale=(0.1, 2.0)),
        (256, 256),
        [[-1.0375, 0.0, 360.98125], [0.0, 1.04, -23.98]],
    ),
]
"""Views of keys 0 to 3, written down before perspective, zoom, shift and spared views came."""


@pytest.mark.parametrize(("key", "before"), list(enumerate(BEFORE)))
def test_views_stay_what_they_were_before_there_were_more_settings(key, before):
    augment, size, matrix = before
    view, cut = random_view(
        (300, 400), FrameConfig(longest=256), augment, np.random.default_rng(key)
    )
    assert cut == size
    np.testing.assert_allclose(view.matrix, [*matrix, [0, 0, 1]], rtol=1e-12, atol=1e-12)


EVERYTHING = AugmentConfig(
    upend=0.5,
    degrees=90,
    scale=(0.8, 1.3),
    shear=0.1,
    perspective=0.93,
    zoom=(0.5, 2.5),
    shift=0.08,
    plane=0.7,
    warp=0.5,
)


@settings(max_examples=100, deadline=None)
@given(st.tuples(sides, sides), st.integers(64, 600), st.integers(0, 2**31))
def test_no_part_of_the_image_lies_behind_the_horizon(size, longest, seed):
    view, _ = random_view(
        size, FrameConfig(longest=longest), EVERYTHING, np.random.default_rng(seed)
    )
    height, width = size
    corners = np.array([[x, y, 1] for x in (-0.5, width - 0.5) for y in (-0.5, height - 0.5)])
    assert (corners @ view.matrix[2] > 0).all()


@settings(max_examples=60, deadline=None)
@given(st.integers(60, 200), st.integers(60, 200), st.integers(64, 300), st.integers(0, 2**31))
def test_pixels_and_points_stay_in_step(height, width, longest, seed):
    """Each pixel of the image holds its own place, so a view says where it was seen."""
    view, cut = random_view(
        (height, width), FrameConfig(longest=longest), EVERYTHING, np.random.default_rng(seed)
    )
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    seen = warp_image(np.dstack([columns, rows, np.ones_like(rows)]), view, cut)
    y, x = np.nonzero(seen[..., 2])
    # At the rim the nearest colour is seen, not the place: up to a cell that is averaged.
    places = view.inverse().points(np.column_stack([x, y]).astype(float))
    inner = ((places > 10) & (places < np.array([width, height]) - 11)).all(1)
    assert np.abs(seen[y, x, :2] - places)[inner].max(initial=0) < 0.01


def test_perspective_keeps_the_centre_and_fills_its_range():
    size, augment = (301, 401), AugmentConfig(mirror=0, perspective=0.5)
    drawn = views(augment, FrameConfig(longest=401), size, 300)
    centre = np.array([200.0, 150.0])
    for view, _ in drawn:
        np.testing.assert_allclose(view.points(centre), centre)
        np.testing.assert_allclose(view.jacobian_at((200, 150)), np.eye(2), atol=1e-12)
    # The weight at the centre is 1; that of the first pixel is 1 before scaling by it.
    terms = np.array([v.matrix[2, :2] / (v.matrix[2] @ [200, 150, 1]) * 401 for v, _ in drawn])
    assert 0.48 < terms.max() <= 0.5
    assert -0.5 <= terms.min() < -0.48
    assert np.abs(terms.mean(0)).max() < 0.06
    assert abs(np.corrcoef(terms.T)[0, 1]) < 0.2


def test_perspective_does_not_depend_on_the_size_of_the_image():
    augment = AugmentConfig(mirror=0, perspective=0.9, degrees=30)
    edges = [
        random_view(size, FrameConfig(longest=side), augment, np.random.default_rng(5))[0].points(
            np.array([[-0.5, -0.5], [size[1] - 0.5, 0.7 * size[0] - 0.5]])
        )
        for size, side in (((200, 300), 300), ((1200, 1800), 450))
    ]
    np.testing.assert_allclose((edges[0] + 0.5) / 300, (edges[1] + 0.5) / 450)


def test_shift_moves_by_whole_pixels_within_its_share_of_each_side():
    drawn = views(AugmentConfig(mirror=0, shift=0.1), FrameConfig(longest=200), (100, 200), 300)
    moves = np.array([view.matrix[:2, 2] for view, _ in drawn])
    assert all(np.array_equal(view.matrix[:2, :2], np.eye(2)) for view, _ in drawn)
    assert (moves == np.rint(moves)).all()
    assert moves.min(0).tolist() == [-20, -10]
    assert moves.max(0).tolist() == [20, 10]
    assert np.abs(moves.mean(0)).max() < 1.5


def test_zoom_multiplies_the_scale_in_half_of_the_views():
    augment = AugmentConfig(mirror=0, scale=(0.5, 0.5), zoom=(2.0, 4.0))
    scales = np.array(
        [v.matrix[0, 0] for v, _ in views(augment, FrameConfig(longest=400), (400, 400), 400)]
    )
    zoomed = scales[scales > 0.51]
    assert len(zoomed) / 400 == pytest.approx(0.5, abs=0.1)
    assert 0.99 < zoomed.min() < 1.05
    assert 1.95 < zoomed.max() < 2.01


def test_spared_views_are_moved_and_nothing_else():
    augment = EVERYTHING.model_copy(update={"mirror": 1.0, "plane": 0.7})
    drawn = views(augment, FrameConfig(longest=100), (100, 100), 600)
    spared = [np.array_equal(view.matrix[:, :2], np.eye(3)[:, :2]) for view, _ in drawn]
    assert np.mean(spared) == pytest.approx(0.3, abs=0.06)
    moved = [
        view.matrix[:2, 2].any() for (view, _), kept in zip(drawn, spared, strict=True) if kept
    ]
    assert np.mean(moved) > 0.9


def test_warp_takes_turn_scale_shear_and_perspective_together():
    augment = EVERYTHING.model_copy(update={"plane": 1.0, "zoom": (1.0, 1.0), "upend": 0.0})
    drawn = views(augment, FrameConfig(longest=100), (100, 100), 600)
    flat = [np.array_equal(np.abs(view.matrix[:, :2]), np.eye(3)[:, :2]) for view, _ in drawn]
    tilted = [view.matrix[2, :2].any() for view, _ in drawn]
    assert np.mean(flat) == pytest.approx(0.5, abs=0.06)
    assert np.array_equal(flat, ~np.array(tilted))
    assert any(view.reflects for (view, _), kept in zip(drawn, flat, strict=True) if kept)


@pytest.mark.parametrize(
    "other", [{"perspective": 0.0}, {"shift": 0.0}, {"zoom": (1.0, 1.0)}, {"degrees": 0.0}]
)
def test_switching_one_off_leaves_the_flip_as_it_was(other):
    frame = FrameConfig(longest=100)
    with_all = views(EVERYTHING, frame, (100, 100))
    without = views(EVERYTHING.model_copy(update=other), frame, (100, 100))
    assert [v.reflects for v, _ in with_all] == [v.reflects for v, _ in without]


@pytest.mark.parametrize("wrong", [{"zoom": (2.0, 1.0)}, {"perspective": 1.0}, {"shift": -0.1}])
def test_amounts_that_can_not_be_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AugmentConfig(**wrong)
