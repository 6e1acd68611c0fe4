import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.risk import risk_curve, risk_figures
from tests.metrics.pairs import pairs

TIED = st.sampled_from([0.0, 0.2, 0.2, 0.9])
OBJECTS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.floats(0, 5) | st.just(np.nan),
        TIED | st.floats(0, 1) | st.just(np.nan),
    ),
    max_size=30,
)


def arrays(objects):
    table = np.array(objects, float).reshape(-1, 3)
    return table[:, 0].astype(int), table[:, 1], table[:, 2]


def test_refusing_by_hand():
    curve = risk_curve([4, 1, 3], [0.9, 0.1, 0.5])
    assert curve.kept == pytest.approx([1 / 3, 2 / 3, 1])
    assert curve.error == pytest.approx([1, 2, 8 / 3])
    assert curve.area == curve.area_best == pytest.approx(17 / 9)
    assert curve.area_random == pytest.approx(8 / 3)


def test_equal_doubts_are_refused_in_random_order():
    curve = risk_curve([0, 6, 0], [0.0, 0.5, 0.5])
    orders = np.array([[0, 6, 0], [0, 0, 6]], float)
    assert curve.error == pytest.approx((orders.cumsum(1) / [1, 2, 3]).mean(0))
    assert risk_curve([1, 2, 6], [0.3] * 3).error == pytest.approx([3, 3, 3])


@given(OBJECTS)
def test_no_order_is_better_than_the_best(objects):
    _, error, doubt = arrays(objects)
    curve = risk_curve(error, doubt)
    if curve is None:
        assert not (np.isfinite(error) & np.isfinite(doubt)).any()
        return
    assert (curve.best <= curve.error + 1e-9).all()
    assert curve.area_best <= curve.area_random + 1e-9
    assert curve.error[-1] == pytest.approx(curve.area_random)
    assert curve.kept[-1] == 1


@given(OBJECTS, st.randoms())
def test_the_order_of_the_pairs_is_no_matter(objects, random):
    mixed = list(objects)
    random.shuffle(mixed)
    first, second = (risk_curve(*arrays(one)[1:]) for one in (objects, mixed))
    if first is not None:
        np.testing.assert_allclose(first.error, second.error)


@given(OBJECTS, st.lists(st.integers(0, 3), min_size=5, max_size=5))
def test_a_whole_weight_repeats_a_case(objects, weights):
    rows, error, doubt = arrays(objects)
    figures = risk_figures("width", pairs(error, doubt=doubt, rows=rows), 5)
    times = np.array(weights)[rows] if len(rows) else np.zeros(0, int)
    # `pairs` adds the error to 10 and takes it off again; use what came out
    kept = risk_curve(np.repeat(np.abs(10.0 + error - 10.0), times), np.repeat(doubt, times))
    values = [figure.value(np.array(weights, float)) for figure in figures]
    if kept is None:
        assert values == [None, None]
    else:
        assert values == pytest.approx([kept.area, kept.area_best])
        metric = figures[0].metric(np.array(weights, float), None, None)
        assert metric.baseline == pytest.approx(kept.area_random)
        assert metric.cases == len(kept.kept)


def test_an_even_doubt_is_worth_nothing():
    figure = risk_figures("width", pairs([1, 2, 6], doubt=0.5), 3)[0]
    assert figure.name == "width_risk_area"
    assert figure.value(np.ones(3)) == pytest.approx(3)
