"""Objects drawn by Hypothesis: scores with ties, classes, whole weights with zeros."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

# multiples of a seventh: many ties, and none on an edge of ten or fifteen bins but 0 and 1
SCORES = st.integers(0, 7).map(lambda k: k / 7) | st.floats(0.001, 0.999)


@st.composite
def scored(draw, most=14):
    """(M,) scores, (M,) whether positive, (M,) whole weights; M may be 0."""
    rows = draw(st.lists(st.tuples(SCORES, st.booleans(), st.integers(0, 3)), max_size=most))
    scores, positive, weights = zip(*rows, strict=True) if rows else ((), (), ())
    return np.array(scores, float), np.array(positive, bool), np.array(weights, int)


@st.composite
def classified(draw, classes=3, most=14):
    """(M, C) probabilities that sum to 1, (M,) classes, (M,) whole weights; M may be 0."""
    part = st.integers(1, 9)
    row = st.tuples(
        st.lists(part, min_size=classes, max_size=classes),
        st.integers(0, classes - 1),
        st.integers(0, 3),
    )
    rows = draw(st.lists(row, max_size=most))
    parts = np.array([one[0] for one in rows], float).reshape(-1, classes)
    return (
        parts / parts.sum(1, keepdims=True),
        np.array([one[1] for one in rows], int),
        np.array([one[2] for one in rows], int),
    )


def once(statistic, weights):
    """A statistic for one set of weights."""
    return statistic(np.asarray(weights, float)[None])[0]


def same(left, right, tolerance=1e-9):
    """Equal to within a tolerance, or both without a value."""
    return (np.isnan(left) and np.isnan(right)) or abs(left - right) <= tolerance
