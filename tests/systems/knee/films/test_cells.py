"""Views of shared cells are those that a half gives each time anew."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.geometry import Homography, warp_image
from polyclinic.systems.knee.films import Half, HalfCells, Window


@st.composite
def halves(draw):
    rng = np.random.default_rng(draw(st.integers(0, 99)))
    size = draw(st.integers(1, 230)), draw(st.integers(1, 230))
    film = rng.integers(0, 256, (*size, 3), np.uint8)
    # A view of rows that do not touch, as a half lies in a film.
    first = draw(st.integers(0, size[1] - 1))
    return film[:, first:] if draw(st.booleans()) else np.repeat(film[:, first:, :1], 3, 2)


@settings(max_examples=150, deadline=None)
@given(halves(), st.data())
def test_the_same_pixels_as_warping_the_half(half, data):
    down, across = (data.draw(st.floats(0.03, 0.5)) for _ in range(2))
    across *= data.draw(st.sampled_from([1, -1]))
    cells = HalfCells(half, data.draw(st.sampled_from([0.0, 0.1, 0.5])))
    for _ in range(3):
        side = data.draw(st.integers(1, 70))
        x, y = (data.draw(st.floats(-60, 290)) for _ in range(2))
        centre = (side - 1) / 2
        matrix = [[across, 0, centre - across * x], [0, down, centre - down * y], [0, 0, 1]]
        to_view = Homography(np.array(matrix))
        mirrored = Window(Half("left", (0, half.shape[1])), to_view, side).mirrored().to_view
        for one in (to_view, mirrored):
            view = cells.view(one, (side, side))
            assert (view == warp_image(half, one, (side, side))).all()


def test_only_what_a_view_sees_is_averaged_and_only_once(monkeypatch):
    asked = []
    plain = HalfCells._average
    monkeypatch.setattr(
        HalfCells, "_average", lambda *given: asked.append(given[2]) or plain(*given)
    )
    cells = HalfCells(np.zeros((400, 300, 3), np.uint8), 0.2)
    for x in (100, 104, 98):
        shrunk = Homography(np.array([[0.5, 0, 20 - 0.5 * x], [0, 0.5, -50], [0, 0, 1.0]]))
        cells.view(shrunk, (40, 40))
    [(top, left, bottom, right)] = asked
    assert 0 < top < 50 < 90 < bottom < 200
    assert 0 < left < right < 150
