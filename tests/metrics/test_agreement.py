import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.metrics.agreement import agreement
from polyclinic.metrics.baseline import majority_accuracy, median_agreement

VALUES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30)


def test_bland_altman_by_hand():
    result = agreement([11, 9, 13], [10, 10, 10])
    assert result.n == 3
    assert result.mae == pytest.approx(5 / 3)
    assert result.bias == pytest.approx(1)
    assert result.upper_limit == pytest.approx(1 + 1.96 * 2)
    assert result.lower_limit == pytest.approx(1 - 1.96 * 2)


@given(VALUES, st.floats(-50, 50))
def test_a_constant_shift_is_all_bias(true, shift):
    result = agreement(np.array(true) + shift, true)
    assert result.bias == pytest.approx(shift, abs=1e-6)
    assert result.mae == pytest.approx(abs(shift), abs=1e-6)
    assert result.upper_limit - result.lower_limit == pytest.approx(0, abs=1e-6)


def test_what_n_does_not_allow_is_none():
    nothing = agreement([np.nan], [3])
    assert (nothing.n, nothing.mae, nothing.bias, nothing.lower_limit) == (0, None, None, None)
    single = agreement([4, np.nan], [3, 3])
    assert (single.n, single.bias, single.upper_limit) == (1, 1, None)


def test_lists_of_different_length_are_refused():
    with pytest.raises(DataError, match="same length"):
        agreement([1, 2], [1])


def test_constant_answers():
    assert majority_accuracy(["a", "a", "b"]) == pytest.approx(2 / 3)
    assert majority_accuracy(["a", "a", "b"], known=["b", "b"]) == pytest.approx(1 / 3)
    assert majority_accuracy([]) is None
    assert median_agreement([1, 2, 9]).mae == pytest.approx(8 / 3)
    assert median_agreement([1, 2, 9], known=[0, np.nan]).bias == pytest.approx(-4)
    assert median_agreement([], known=[1]).n == 0
