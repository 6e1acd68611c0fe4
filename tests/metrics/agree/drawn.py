"""Random pairs with ties, and how often each counts."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

NUMBER = st.integers(-24, 24).map(lambda n: n / 8)


@st.composite
def weighted_tables(draw, columns=2, least=0):
    """(M, columns) values and (3, M) whole weights: all ones, drawn ones, zeros."""
    count = draw(st.integers(least, 9))
    table = draw(
        st.lists(
            st.lists(NUMBER, min_size=columns, max_size=columns), min_size=count, max_size=count
        )
    )
    drawn = draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    values = np.array(table, float).reshape(count, columns)
    return values, np.array([np.ones(count), drawn, np.zeros(count)], float)


def repeated(values, weights):
    """The rows of a table, each as often as its weight says."""
    return np.repeat(values, weights.astype(int), axis=0)
