import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.geometry import Homography
from polyclinic.sample import Spacing
from polyclinic.systems.nailfold.measure.apex import Apex
from polyclinic.systems.nailfold.measure.row import (
    density_per_mm,
    distal_direction,
    distal_row,
    field_width_mm,
    intercapillary_distance,
    programmed,
    quantile_fit,
)


@pytest.mark.parametrize("count", [4, 5, 7, 8, 12, 20])
def test_as_good_as_a_linear_programme_can(count):
    rng = np.random.default_rng(count)
    for _ in range(10):
        along = rng.uniform(-1, 1, count)
        along[: count // 3] = along[0]  # no curve runs through several of one place
        design = np.vander(along, 2 if count < 8 else 3)
        distal = rng.normal(0, 20, count)
        costs = []
        for fit in (quantile_fit, programmed):
            above = distal - design @ fit(design, distal, 0.8)
            costs.append((np.maximum(above, 0) * 0.8 + np.maximum(-above, 0) * 0.2).sum())
        assert costs[0] == pytest.approx(costs[1], rel=1e-9)


def test_points_at_one_place_still_have_a_fit():
    design = np.vander(np.zeros(5), 2)
    fit = quantile_fit(design, np.arange(5.0), 0.8)
    assert 3 <= (design @ fit)[0] <= 4


HEIGHT = 100.0


def apices(points, axis=(0, -HEIGHT)):
    return [Apex(point=np.array(p, float), axis=np.array(axis, float)) for p in points]


def row_of(some, depth=0.5):
    return distal_row(some, depth=depth, heights=[HEIGHT] * len(some))


def two_rows(first=9, second=8, bend=40.0, apart=110.0, seed=0):
    """Curved distal row, then a second row below it (larger y)."""
    random = np.random.default_rng(seed)
    x = np.linspace(50, 950, first)
    top = np.stack([x, 200 + bend * ((x - 500) / 450) ** 2 + random.normal(0, 6, first)], 1)
    x = np.linspace(90, 900, second)
    low = np.stack([x, 200 + apart + bend * ((x - 500) / 450) ** 2], 1)
    return np.vstack([top, low])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("second", [0, 3, 9])
def test_the_second_row_is_left_out(seed, second):
    points = two_rows(second=second, seed=seed)
    order = np.random.default_rng(seed).permutation(len(points))
    found = row_of(apices(points[order]))
    assert set(order[found]) == set(range(9))
    assert (np.diff(points[order][found][:, 0]) > 0).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0, 360), st.floats(-300, 300), st.floats(-300, 300))
def test_the_row_does_not_depend_on_how_the_finger_is_held(degrees, x, y):
    points = two_rows()
    move = Homography.about((500, 200), degrees=degrees, shift=(x, y))
    axis = move.points(np.array([[0.0, -HEIGHT]])) - move.points(np.array([[0.0, 0.0]]))
    assert set(row_of(apices(move.points(points), axis[0]))) == set(range(9))


def test_a_lone_find_far_off_is_left_out():
    points = np.vstack([two_rows(second=0), [[500, 700]]])
    assert 9 not in row_of(apices(points))


def test_few_loops():
    assert len(row_of([])) == 0
    assert row_of(apices([(5, 5)])).tolist() == [0]
    assert row_of(apices([(0, 0), (200, 10)])).tolist() == [0, 1]
    assert row_of(apices([(0, 0), (200, 300)])).tolist() == [0]
    assert row_of(apices([(0, 0), (500, 80), (900, 140)])).tolist() == [0, 1, 2]  # a tilted row
    assert row_of(apices([(0, 0), (450, 30), (500, 180)])).tolist() == [0, 1]


def test_direction_is_up_when_nothing_tells():
    assert distal_direction([]) == pytest.approx([0, -1])
    assert distal_direction([Apex(point=np.zeros(2))]) == pytest.approx([0, -1])


def test_few_leaning_loops_do_not_turn_the_image():
    leaning = apices([(0, 0), (600, 20)], axis=(-80, -85))
    assert distal_direction(leaning) == pytest.approx([0, -1])
    assert distal_direction(leaning * 2) == pytest.approx(np.array([-80, -85]) / np.hypot(80, 85))
    assert row_of(leaning).tolist() == [0, 1]


def test_gaps_and_density():
    row = np.array([[0.0, 0], [30, 40], [60, 80]])
    spacing = Spacing.square(0.0017, "calibrated")
    assert intercapillary_distance(row, Spacing.unknown()) == pytest.approx(50)
    assert intercapillary_distance(row, spacing) == pytest.approx(85)
    assert intercapillary_distance(row[:1], spacing) is None
    width = field_width_mm((768, 1024), spacing, np.array([0.0, -1.0]))
    assert width == pytest.approx(1.7408)
    assert density_per_mm(12, width) == pytest.approx(12 / 1.7408)
    assert density_per_mm(0, width) == 0


def test_field_width_follows_the_row():
    spacing = Spacing(row_mm=0.002, column_mm=0.001, origin="calibrated")
    assert field_width_mm((500, 1000), spacing, np.array([0.0, -1.0])) == pytest.approx(1.0)
    assert field_width_mm((500, 1000), spacing, np.array([1.0, 0.0])) == pytest.approx(1.0)
    tilted = field_width_mm((1000, 1000), Spacing.square(0.001, "assumed"), np.array([0.6, -0.8]))
    assert tilted == pytest.approx(1 / 0.8)
