from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.knee.phantoms.patient import KneePhantomConfig
from polyclinic.systems.knee.phantoms.truth import instances
from tests.systems.knee.phantoms.people import layout_of, patient_of

OFF = KneePhantomConfig(off_centre=1)


def test_films_of_both_knees_show_the_right_one_on_the_left():
    for number in range(30):
        layout = layout_of(number, config=KneePhantomConfig())
        right, left = layout.legs
        assert (right.side, left.side) == ("R", "L")
        assert right.centre[0] < layout.size[1] / 2 < left.centre[0]
        assert layout.size[1] > layout.size[0]
        assert 1000 <= layout.size[1] <= 2000
        assert layout.laterality == "B"


def test_lateral_points_are_on_the_outer_side():
    for number in range(10):
        right, left = instances(patient_of(number), layout_of(number))
        assert (np.diff(right.landmarks[:9, 0]) > 0).all()
        assert (np.diff(left.landmarks[:9, 0]) < 0).all()
        assert (np.diff(right.landmarks[9:, 0]) > 0).all()
        assert right.category == 0
        assert left.category == 1


def test_films_of_one_knee_are_portraits_of_either():
    layouts = [layout_of(number, "single") for number in range(40)]
    assert {layout.laterality for layout in layouts} == {"R", "L"}
    for layout in layouts:
        assert len(layout.legs) == 1
        assert layout.size[0] > layout.size[1]
        assert abs(layout.legs[0].centre[0] / layout.size[1] - 0.5) < 0.2


def test_a_missing_knee_is_lost_or_outside_the_field():
    hidden = 0
    for number in range(40):
        layout = layout_of(number, "missing")
        found = instances(patient_of(number), layout)
        assert len(found) == 1
        for leg in layout.legs:
            if leg.side == layout.hidden:
                hidden += 1
                knee = patient_of(number).knees["RL".index(leg.side)]
                assert not layout.in_sight(leg.to_film.points(knee.shape.landmarks)).any()
    assert 5 < hidden < 35


def test_points_in_sight_lie_on_the_film_and_in_the_field():
    layout = layout_of(0)
    height, width = layout.size
    points = np.array(
        [(width / 2, height / 2), (-1, height / 2), (width / 2, height), (-50, -50.0)]
    )
    assert layout.in_sight(points).tolist() == [True, False, False, False]


def test_a_knee_near_the_border_may_lose_a_few_points():
    lost = []
    for number in range(120):
        layout = layout_of(number, config=OFF)
        for leg in layout.legs:
            half = leg.centre[0] < layout.size[1] / 2
            assert half == (leg.side == "R")
        for one in instances(patient_of(number), layout):
            gone = one.landmarks[:, 2] == 0
            assert (one.landmarks[gone] == 0).all()
            assert one.box[0] < one.box[2]
            assert one.box.min() >= -0.5
            lost.append(gone.sum())
            assert one.landmarks[4, 2] == 2, "the middle of a knee is always seen"
    assert 0.03 < np.mean(np.array(lost) > 0) < 0.5
    assert max(lost) <= 8


def test_legs_lean_by_up_to_six_degrees():
    degrees = [leg.degrees for number in range(60) for leg in layout_of(number).legs]
    assert max(map(abs, degrees)) <= 6
    assert np.std(degrees) > 2


def test_points_come_back_through_the_pose():
    knee, leg = patient_of(3).knees[1], layout_of(3).legs[1]
    there = leg.to_film.points(knee.shape.landmarks)
    assert leg.to_film.inverse().points(there) == pytest.approx(knee.shape.landmarks, abs=1e-9)
    assert leg.to_film.reflects
