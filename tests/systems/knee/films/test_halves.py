"""Where on a film a right and a left knee are looked for."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.sample import Sample
from polyclinic.systems.knee.films import Half, halves_of

LANDSCAPE, PORTRAIT = (300, 401), (401, 300)


def halves(size, layout="auto", laterality=None):
    return halves_of(Sample(image_id=1, size=size, laterality=laterality), layout)


def test_the_right_knee_is_on_the_left_and_no_column_is_lost():
    assert halves(LANDSCAPE) == (Half("right", (0, 200)), Half("left", (200, 401)))


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize("stated", ["R", "right", "Right", " r "])
def test_a_stated_side_is_the_whole_film(size, stated):
    assert halves(size, laterality=stated) == (Half("right", (0, size[1])),)
    left = stated.lower().replace("right", "left").replace("r", "l")
    assert halves(size, laterality=left) == (Half("left", (0, size[1])),)


@pytest.mark.parametrize("size", [LANDSCAPE, PORTRAIT])
@pytest.mark.parametrize("stated", ["B", "both"])
def test_both_knees_may_be_on_a_film_of_any_shape(size, stated):
    assert [half.side for half in halves(size, laterality=stated)] == ["right", "left"]
    assert all(half.stated for half in halves(size, laterality=stated))


@pytest.mark.parametrize("stated", [None, "", "U"])
def test_a_single_knee_of_unknown_side_is_looked_at_from_both(stated):
    right, left = halves(PORTRAIT, laterality=stated)
    assert right.columns == left.columns == (0, 300)
    assert (right.side, left.side) == ("right", "left")
    assert [right.stated, left.stated] == [False, False]


def test_the_layout_may_be_stated():
    assert [half.stated for half in halves(LANDSCAPE, "single")] == [False, False]
    assert len(halves(LANDSCAPE, "single", "L")) == 1
    assert [half.columns for half in halves(PORTRAIT, "bilateral")] == [(0, 150), (150, 300)]
    assert len(halves(PORTRAIT, "bilateral", "L")) == 2


@settings(max_examples=40)
@given(
    st.tuples(st.integers(2, 999), st.integers(2, 999)),
    st.sampled_from(["auto", "bilateral", "single"]),
    st.sampled_from([None, "R", "L", "B", "left", "?"]),
)
def test_every_column_is_looked_at(size, layout, laterality):
    seen = halves(size, layout, laterality)
    assert (seen[0].columns[0], seen[-1].columns[1]) == (0, size[1])
    assert seen[0].columns[1] in (seen[-1].columns[0], size[1])
    assert all(last > first for first, last in (half.columns for half in seen))
