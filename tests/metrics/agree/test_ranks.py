import numpy as np
import pytest
from hypothesis import given
from scipy.stats import kendalltau, rankdata, spearmanr

from polyclinic.metrics.agree.ranks import kendall, midranks, spearman
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
