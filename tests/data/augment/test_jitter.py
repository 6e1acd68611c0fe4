import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.data.augment import jitter_landmarks
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
