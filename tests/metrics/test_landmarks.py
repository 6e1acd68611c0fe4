import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.metrics.landmarks import near_landmarks

K, CASES = 3, 4
distances = st.integers(0, 6).flatmap(
    lambda m: st.tuples(
        arrays(float, (m, K), elements=st.floats(0, 9) | st.just(np.nan)),
        arrays(bool, (m, K)),
        arrays(np.intp, m, elements=st.integers(0, CASES - 1)),
    )
)
thresholds = st.lists(st.floats(0, 9), min_size=1, max_size=4, unique=True).map(sorted)
weights = arrays(float, (2, CASES), elements=st.integers(0, 3).map(float))


@given(distances, thresholds, weights)
def test_shares_are_those_of_the_repeated_landmarks(drawn, limits, counts):
    far, labelled, rows = drawn
    shares = near_landmarks(far, labelled, rows, CASES, limits).shares(counts)
    for weight, found in zip(counts, shares, strict=True):
        order = np.repeat(np.arange(len(rows)), weight[rows].astype(int))
        asked = labelled[order]
        expected = [
            (far[order] <= limit)[asked].mean() if asked.any() else np.nan for limit in limits
        ]
        np.testing.assert_allclose(found, expected)


def test_a_distance_on_the_threshold_is_near_and_a_missing_one_is_not():
    far = np.array([[2.0, 5.0, np.nan]])
    counted = near_landmarks(far, np.ones((1, 3), bool), np.array([0]), 1, [2, 4.9, 5])
    np.testing.assert_allclose(counted.shares(np.ones((1, 1))), [[1 / 3, 1 / 3, 2 / 3]])


def test_thresholds_may_relate_to_the_object():
    far, size = np.array([[1.0, 5.0], [1, 5]]), np.array([10.0, np.nan])
    known = np.isfinite(size)[:, None] & np.ones((2, 2), bool)
    counted = near_landmarks(far / size[:, None], known, np.array([0, 0]), 1, [0.05, 0.1, 0.5])
    assert counted.shares(np.ones((1, 1)))[0] == pytest.approx([0, 0.5, 1])
