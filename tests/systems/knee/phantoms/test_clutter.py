from __future__ import annotations

import numpy as np

from polyclinic.systems.knee.phantoms.clutter import add_markers
from tests.systems.knee.phantoms.people import layout_of


def marked(layout, number):
    film = np.zeros(layout.size, np.float32)
    add_markers(film, layout, np.random.default_rng(number))
    return film


def columns_of(film):
    return np.flatnonzero(film.any(0))


def test_letters_lie_beyond_the_knee_that_they_name():
    for number in range(20):
        layout = layout_of(number)
        columns = columns_of(marked(layout, number))
        right, left = (leg.centre[0] for leg in layout.legs)
        assert ((columns < right) | (columns > left)).all()


def test_films_of_one_knee_have_its_letter():
    for number in range(20):
        layout = layout_of(number, "single")
        columns = columns_of(marked(layout, number))
        if len(columns):
            outer_left = columns.mean() < layout.legs[0].centre[0]
            assert outer_left == (layout.legs[0].side == "R")


def test_some_films_have_no_letter_and_none_has_one_outside_the_field():
    drawn = [(layout_of(n, "missing"), n) for n in range(60)]
    films = [marked(layout, n) for layout, n in drawn]
    assert 0 < sum(not film.any() for film in films) < 25
    for (layout, _), film in zip(drawn, films, strict=True):
        if layout.hidden is not None and film.any():
            right = columns_of(film).mean() > layout.size[1] / 2
            assert right == (layout.hidden == "R")


def test_no_letter_covers_a_joint():
    for number in range(20):
        layout = layout_of(number)
        rows = np.flatnonzero(marked(layout, number).any(1))
        for leg in layout.legs:
            if len(rows):
                assert np.abs(rows - leg.centre[1]).min() * layout.spacing_mm > 25
