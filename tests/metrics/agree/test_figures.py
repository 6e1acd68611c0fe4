import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.agree.figures import agreement_figures
from tests.metrics.agree.drawn import NUMBER

CASES = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.lists(st.tuples(NUMBER | st.just(np.nan), NUMBER), max_size=3),
    ),
    min_size=1,
    max_size=6,
)
NAMES = ["mae", "bias", "lower_limit", "upper_limit", "icc", "ccc", "deming_slope"]


def of_cases(held):
    pairs = np.array([pair for one in held for pair in one], float).reshape(-1, 2)
    rows = np.repeat(np.arange(len(held)), [len(one) for one in held])
    return pairs, agreement_figures("width", "mm", *pairs.T, rows, len(held))


@given(CASES)
def test_a_whole_weight_repeats_a_case(cases):
    weights = np.array([weight for weight, _ in cases], float)
    _, figures = of_cases([held for _, held in cases])
    pairs, copies = of_cases([held for weight, held in cases for _ in range(weight)])
    kept = pairs[np.isfinite(pairs).all(1)]
    assert [one.name for one in figures] == [f"width_{name}" for name in NAMES]
    for figure, copy in zip(figures, copies, strict=True):
        expected = copy.weighted(np.ones((1, int(weights.sum()))))
        np.testing.assert_allclose(figure.weighted(weights[None]), expected, rtol=1e-6, atol=1e-6)
        assert weights @ figure.counts == len(kept)
    baseline = figures[0].metric(weights, None, None).baseline
    if len(kept):
        assert baseline == pytest.approx(
            np.abs(kept[:, 1] - np.median(kept[:, 1])).mean(), abs=1e-9
        )
    else:
        assert baseline is None


def test_a_table_by_hand():
    found, true = np.array([11.0, 9, 13, np.nan]), np.array([10.0, 10, 10, 10])
    figures = agreement_figures("width", "mm", found, true, np.arange(4), 4, group="sizes")
    metrics = {one.name: one.metric(np.ones(4), None, None) for one in figures}
    assert metrics["width_mae"].value == pytest.approx(5 / 3)
    assert metrics["width_bias"].value == pytest.approx(1)
    assert metrics["width_upper_limit"].value == pytest.approx(1 + 1.96 * 2)
    assert metrics["width_mae"].baseline == 0
    assert {one.cases for one in metrics.values()} == {3}
    assert {one.group for one in metrics.values()} == {"sizes"}
    assert [one.unit for one in metrics.values()] == ["mm"] * 4 + ["1"] * 3


def test_a_perfect_reader():
    true = np.array([3.0, 5, 9, 4])
    figures = agreement_figures("width", "mm", true, true, [0, 0, 1, 2], 3)
    values = [one.value(np.ones(3)) for one in figures]
    assert values == pytest.approx([0, 0, 0, 0, 1, 1, 1])
