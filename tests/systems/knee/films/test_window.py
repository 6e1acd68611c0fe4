"""Windows are one homography from the film, there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.sample import Sample, Spacing
from polyclinic.systems.knee.films import Half, half_window, halves_of, knee_window
from polyclinic.systems.knee.films.window import middle_of
from tests.systems.knee.films.painted import brightest, film, spots

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


OBLONG = Spacing(row_mm=0.5, column_mm=0.25, origin="detector")
RIGHT, LEFT = Half("right", (0, 200)), Half("left", (200, 400))

lengths = st.floats(0.08, 3.0)
scales = st.builds(
    lambda row, column: Spacing(row_mm=row, column_mm=column, origin="detector"), lengths, lengths
)
cuts = st.tuples(st.floats(20, 600), st.integers(64, 520))


@pytest.mark.parametrize("half", [RIGHT, LEFT])
def test_its_middle_and_its_corners(half):
    """The edges of 140 mm are those of the view, half a pixel outside the outer centres."""
    seen = knee_window(film(spacing=OBLONG), half, np.array([250.0, 90.0]), 140, 280)
    assert np.allclose(seen.to_view.points(np.array([250.0, 90.0])), 139.5)
    left, right = (250 - 70 / 0.25, 250 + 70 / 0.25)[:: 1 if half is RIGHT else -1]
    corners = np.array([[left, 90 - 70 / 0.5], [right, 90 + 70 / 0.5]])
    assert np.allclose(seen.to_view.points(corners), [[-0.5, -0.5], [279.5, 279.5]])
    assert seen.to_view.reflects == (half is LEFT)


@pytest.mark.parametrize("half", [RIGHT, LEFT])
def test_oblong_pixels_become_square_ones_of_the_stated_size(half):
    taken = film(spacing=OBLONG)
    view = knee_window(taken, half, middle_of(taken, half), 140, 280).cut(taken)
    assert view.size == (280, 280)
    assert (view.spacing.row_mm, view.spacing.column_mm) == pytest.approx((0.5, 0.5))
    assert view.spacing.origin == "detector"
    assert view.laterality == half.side


@pytest.mark.parametrize(("size", "side_mm"), [((240, 400), 450), ((240, 1600), 800)])
def test_the_window_of_a_half_holds_all_of_it(size, side_mm):
    """It is 450 mm wide, or as wide as the half where that is larger."""
    taken = film(size)
    for half in halves_of(taken, "bilateral"):
        seen = half_window(taken, half, 450, 128)
        first, last = half.columns
        ends = np.array([[first - 0.5, -0.5], [last - 0.5, size[0] - 0.5]])
        inside = seen.to_view.points(ends)
        assert (inside >= -0.5 - 1e-9).all()
        assert (inside <= 127.5 + 1e-9).all()
        assert seen.cut(taken).spacing.row_mm == pytest.approx(side_mm / 128)


def test_the_other_half_is_black():
    taken = film(image=np.full((240, 400, 3), 200, np.uint8))
    view = knee_window(taken, LEFT, np.array([199.5, 119.5]), 100, 100).cut(taken)
    # Mirrored: what lies to the right of column 200 comes first.
    assert (view.pixels[:, :50] == 200).all()
    assert (view.pixels[:, 50:] == 0).all()


def test_the_mirrored_window_shows_the_same_square():
    taken = film(image=np.random.default_rng(0).integers(0, 255, (240, 400, 3)).astype(np.uint8))
    seen = knee_window(taken, RIGHT, np.array([99.5, 119.5]), 100, 100)
    assert np.allclose(seen.cut(taken).pixels[:, ::-1], seen.mirrored().cut(taken).pixels, atol=1)
    assert np.allclose(seen.mirrored().mirrored().to_view.matrix, seen.to_view.matrix)


def test_a_film_without_scale_is_refused():
    with pytest.raises(DataError, match=r"no physical scale.*film\.spacing_mm"):
        half_window(film(spacing=Spacing.unknown()), RIGHT, 450, 128)


@settings(max_examples=40)
@given(
    scales,
    cuts,
    st.sampled_from(["bilateral", "single"]),
    st.booleans(),
    st.tuples(st.floats(0, 399), st.floats(0, 239)),
    st.floats(-0.5, 399.5),
    st.floats(-0.5, 239.5),
)
def test_truth_comes_back_to_the_film(spacing, cut, layout, mirrored, middle, x, y):
    """Crop, pad, mirror and resize, and all of it undone; section 14, oracle 5 of the facts."""
    taken = film(spacing=spacing, image=None)
    for half in halves_of(taken, layout):
        for seen in (
            half_window(taken, half, *cut),
            knee_window(taken, half, np.array(middle), *cut),
        ):
            window = seen.mirrored() if mirrored else seen
            there = window.to_view.points(np.array([[x, y]]))
            assert np.abs(window.to_view.inverse().points(there) - [x, y]).max() < 1e-6


@settings(max_examples=12)
@given(
    st.sampled_from(["bilateral", "single", "right", "left"]),
    st.booleans(),
    st.floats(0.5, 2.0),
    st.tuples(st.floats(0.2, 0.8), st.floats(0.2, 0.8)),
    st.tuples(st.floats(-9, 9), st.floats(-9, 9)),
)
def test_a_spot_is_seen_where_its_landmark_is(layout, mirrored, across, place, aside):
    """In the pixels themselves: half a pixel of the view, and half of the film on the way back."""
    spacing = Spacing(row_mm=0.8, column_mm=0.8 * across, origin="detector")
    size, stated = (120, 200), {"right": "R", "left": "L"}.get(layout)
    layout = layout if stated is None else "auto"
    taken = film(size, spacing=spacing, laterality=stated, image=None)
    for half in halves_of(taken, layout):
        first, last = half.columns
        spot = np.array([first + place[0] * (last - first), place[1] * size[0]])
        painted = taken.with_image(spots(size, [spot]))
        for seen in (
            half_window(painted, half, 200, 200),
            knee_window(painted, half, spot + aside, 100, 128),
        ):
            window = seen.mirrored() if mirrored else seen
            found = brightest(window.cut(painted).pixels)
            assert np.abs(found - window.to_view.points(spot)).max() < 0.5
            assert np.abs(window.to_view.inverse().points(found) - spot).max() < 0.5
