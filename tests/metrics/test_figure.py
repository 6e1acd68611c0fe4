import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.pooled import mean_figure, quantile_figure, ratio_figure

weights_and_values = st.lists(
    st.tuples(st.integers(0, 3), st.lists(st.floats(-5, 5) | st.just(np.nan), max_size=4)),
    min_size=1,
    max_size=8,
)


def objects(cases):
    values = [value for _, held in cases for value in held]
    rows = [row for row, (_, held) in enumerate(cases) for _ in held]
    return values, rows


def repeated(cases):
    values = np.array([v for weight, held in cases for v in held * weight], float)
    return values[np.isfinite(values)]


@given(weights_and_values, st.floats(0, 1))
def test_a_whole_weight_repeats_a_case(cases, share):
    weights = np.array([weight for weight, _ in cases], float)
    values, rows = objects(cases)
    kept = repeated(cases)
    for figure, expected in (
        (mean_figure("mean", values, rows, len(cases)), np.mean),
        (
            quantile_figure("quantile", values, rows, len(cases), share=share),
            lambda v: np.quantile(v, share),
        ),
    ):
        value = figure.value(weights)
        if len(kept):
            assert value == pytest.approx(expected(kept), abs=1e-9)
            assert weights @ figure.counts == len(kept)
        else:
            assert value is None


@given(weights_and_values)
def test_each_case_alone_is_what_its_weight_alone_gives(cases):
    values, rows = objects(cases)
    for figure in (
        mean_figure("mean", values, rows, len(cases)),
        quantile_figure("median", values, rows, len(cases)),
        ratio_figure("ratio", [len(held) for _, held in cases], [w for w, _ in cases]),
    ):
        np.testing.assert_allclose(figure.by_case, figure.weighted(np.eye(len(cases))), atol=1e-9)


def test_a_metric_says_what_stands_behind_it():
    figure = ratio_figure("share", [1, 0, 1], [1, 1, 1], unit="1", meaning="of all")
    metric = figure.metric(np.array([1.0, 1.0, 0.0]), 0.1, 0.9)
    assert (metric.value, metric.cases, metric.lower, metric.upper) == (0.5, 2, 0.1, 0.9)
    nothing = figure.metric(np.zeros(3), None, None)
    assert nothing.value is None
    assert nothing.note
