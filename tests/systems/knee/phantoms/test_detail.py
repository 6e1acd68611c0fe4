from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.knee.phantoms.clutter import add_clutter
from polyclinic.systems.knee.phantoms.detail import add_details, draw_details
from tests.systems.knee.phantoms.people import layout_of, patient_of


def test_worn_knees_have_more_spots():
    def gaps(grade):
        drawn = (
            draw_details(patient_of(number, grade).knees[0], np.random.default_rng(number))
            for number in range(60)
        )
        return sum(line.attenuation < 0 for lines in drawn for line in lines)

    assert gaps(0) < gaps(4)


def test_the_other_rim_of_the_plateau_lies_below_the_annotated_one():
    for number in range(20):
        knee = patient_of(number, 0).knees[0]
        for rim in draw_details(knee, np.random.default_rng(number))[:2]:
            (points,) = rim.pieces
            edge = np.interp(points[:, 0], knee.shape.tibia[:, 0], knee.shape.tibia[:, 1])
            assert np.mean(points[:, 1] > edge) > 0.9


def test_details_stay_near_their_knee():
    layout, person = layout_of(4), patient_of(4)
    film = np.zeros(layout.size, np.float32)
    add_details(film, person.knees[0], layout.legs[0], layout, np.random.default_rng(0))
    columns = np.flatnonzero(film.any(0))
    assert film.any()
    assert np.abs(columns - layout.legs[0].centre[0]).max() * layout.spacing_mm < 60


@pytest.mark.parametrize("number", range(8))
def test_cloth_is_not_seen_in_the_air(number):
    layout = layout_of(number)
    film = np.zeros(layout.size, np.float32)
    add_clutter(film, layout, np.random.default_rng(number))
    assert (film > 0).mean() < 0.03, "at most a ruler"
