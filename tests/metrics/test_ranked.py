import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.ranked import Ranked


@given(st.integers(0, 300), st.integers(1, 5), st.floats(0, 1), st.integers(0, 99))
def test_quantiles_are_those_of_the_repeated_values(count, cases, share, seed):
    random = np.random.default_rng(seed)
    values = np.sort(random.integers(0, 50, count)).astype(float)
    rows = random.integers(0, cases, count)
    weights = random.integers(0, 3, (4, cases)).astype(float)
    found = Ranked(values, rows, cases).quantiles(weights, share)
    for weight, quantile in zip(weights, found, strict=True):
        kept = np.repeat(values, weight[rows].astype(int))
        expected = np.quantile(kept, share) if len(kept) else np.nan
        assert quantile == pytest.approx(expected, nan_ok=True, abs=1e-9)


def test_many_objects():
    random = np.random.default_rng(0)
    values, rows = np.sort(random.random(200_000)), random.integers(0, 50, 200_000)
    weights = random.multinomial(50, np.full(50, 1 / 50), 3).astype(float)
    found = Ranked(values, rows, 50).quantiles(weights, 0.95)
    for weight, quantile in zip(weights, found, strict=True):
        assert quantile == np.quantile(np.repeat(values, weight[rows].astype(int)), 0.95)
