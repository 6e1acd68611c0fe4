import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kendalltau, rankdata, spearmanr

from polyclinic.metrics.agree.ranks import fitted_logistic, kendall, logistic, midranks, spearman
from tests.metrics.agree.drawn import repeated, weighted_tables


@pytest.mark.parametrize(("ours", "theirs"), [(spearman, spearmanr), (kendall, kendalltau)])
def test_correlations_are_those_of_scipy_on_repeated_pairs(ours, theirs):
    @given(weighted_tables())
    def holds(drawn):
        table, weights = drawn
        for row, value in zip(weights, ours(*table.T, weights), strict=True):
            found, true = repeated(table, row).T
            if len(found) < 2 or np.ptp(found) == 0 or np.ptp(true) == 0:
                assert np.isnan(value)
            else:
                assert value == pytest.approx(theirs(found, true).statistic, abs=1e-9)

    holds()


@given(weighted_tables())
def test_ranks_of_repeated_values(drawn):
    table, weights = drawn
    values = table[:, 0]
    for row, ranks in zip(weights, midranks(values, weights), strict=True):
        often = row.astype(int)
        np.testing.assert_allclose(np.repeat(ranks, often), rankdata(np.repeat(values, often)))


def squared(fitted, true):
    return float(((fitted - true) ** 2).sum())


def test_the_curve_that_made_the_points_is_found():
    found = np.linspace(-2, 3, 50)
    true = logistic(found, 1.5, 2.0, 0.4, 0.1, 0.3)
    assert fitted_logistic(found, true) == pytest.approx(true, abs=1e-5)
    falling = -true
    assert fitted_logistic(found, falling) == pytest.approx(falling, abs=1e-5)


def test_the_formula_is_that_of_the_paper():
    q = np.array([-1.0, 0.0, 2.0])
    b1, b2, b3, b4, b5 = 2.0, 3.0, 0.5, 0.25, -1.0
    paper = b1 * (0.5 - 1 / (1 + np.exp(b2 * (q - b3)))) + b4 * q + b5
    assert logistic(q, b1, b2, b3, b4, b5) == pytest.approx(paper)


def test_it_is_no_worse_than_a_straight_line():
    random = np.random.default_rng(0)
    true = random.random(80)
    found = true**3 + random.normal(0, 0.05, 80)
    line = np.polyval(np.polyfit(found, true, 1), found)
    assert squared(fitted_logistic(found, true), true) < squared(line, true)


@pytest.mark.parametrize(
    ("found", "true"),
    [
        ([], []),
        ([1, 2, 3, 4, 5], [1, 2, 3, 4, 6]),
        ([2] * 9, range(9)),
        (range(9), [2] * 9),
    ],
    ids=["nothing", "as many as parameters", "found does not vary", "true does not vary"],
)
def test_what_no_curve_goes_through_is_unknown(found, true):
    fitted = fitted_logistic(np.array(found, float), np.array(true, float))
    assert len(fitted) == len(found)
    assert np.isnan(fitted).all()


pairs = st.integers(0, 12).flatmap(
    lambda count: st.tuples(
        *(arrays(float, count, elements=st.floats(-1e3, 1e3, width=16)) for _ in range(2))
    )
)


@given(pairs)
def test_any_pairs_give_a_curve_or_nothing(both):
    fitted = fitted_logistic(*both)
    assert np.isfinite(fitted).all() or np.isnan(fitted).all()
