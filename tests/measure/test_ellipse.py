"""Ellipses whose axes are known, drawn pixel by pixel."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ellipe

from polyclinic.errors import DataError
from polyclinic.measure.ellipse import Ellipse
from polyclinic.sample import Mask


def perimeter(a, b):
    """Exact: 4 a E(e^2)."""
    return 4 * a * ellipe(1 - (b / a) ** 2)


def draw(centre, a, b, degrees, spacing=(1.0, 1.0), size=(400, 420)):
    """A filled ellipse in a frame of pixels of (row, column) `spacing`; lengths in its units."""
    y, x = np.mgrid[: size[0], : size[1]].astype(float)
    dx, dy = (x - centre[0]) * spacing[1], (y - centre[1]) * spacing[0]
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    along, across = cos * dx + sin * dy, -sin * dx + cos * dy
    return Mask.from_array((along / a) ** 2 + (across / b) ** 2 <= 1)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(190, 210),
    st.floats(190, 210),
    st.floats(40, 160),
    st.floats(0.4, 1),
    st.floats(0, 180),
    st.floats(0.8, 1.25),
)
def test_drawn_ellipses_are_measured(x, y, a, ratio, degrees, oblong):
    mask = draw((x, y), a, ratio * a, degrees, spacing=(oblong, 1.0))
    found = Ellipse.of_mask(mask)
    np.testing.assert_allclose(found.centre, [x, y], atol=0.2)
    assert found.overlap(mask) > 0.97
    physical = found.scaled(1.0, oblong)
    # What is drawn is itself only known to a part of a pixel.
    np.testing.assert_allclose(physical.semi_axes, [a, ratio * a], atol=0.25)
    assert physical.circumference == pytest.approx(perimeter(a, ratio * a), rel=5e-3)


@given(st.floats(0.1, 1))
def test_ramanujan_is_the_elliptic_integral(ratio):
    found = Ellipse(centre=np.zeros(2), moments=np.diag([1.0, ratio**2]) / 4)
    assert found.circumference == pytest.approx(perimeter(1, ratio), rel=2e-5)


def test_one_pixel_is_a_square():
    found = Ellipse.of_mask(Mask.from_array(np.eye(5, dtype=bool)[:1]))
    np.testing.assert_allclose(found.moments, np.eye(2) / 12)


def test_a_ragged_edge_hardly_counts():
    mask = draw((200, 190), 120, 90, 30).array()
    noise = np.random.default_rng(0).random(mask.shape) < 0.5
    inner = draw((200, 190), 117, 87, 30).array()
    outer = draw((200, 190), 123, 93, 30).array()
    ragged = Mask.from_array(inner | (outer & noise))
    assert Ellipse.of_mask(ragged).circumference == pytest.approx(perimeter(120, 90), rel=5e-3)


def test_what_is_no_ellipse_overlaps_less():
    square = np.zeros((60, 60), bool)
    square[5:20, 5:50] = square[5:50, 5:20] = True
    mask = Mask.from_array(square)
    assert Ellipse.of_mask(mask).overlap(mask) < 0.8


def test_nothing_has_no_ellipse():
    with pytest.raises(DataError, match="empty"):
        Ellipse.of_mask(Mask.from_array(np.zeros((4, 4), bool)))
