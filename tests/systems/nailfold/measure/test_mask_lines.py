"""Masks alone must give the width, length and shape of what was painted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.measure.length import length
from polyclinic.sample import Mask, Spacing
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA
from polyclinic.systems.nailfold.measure.centreline import centreline
from polyclinic.systems.nailfold.measure.loop_shape import loop_length, tortuosity
from polyclinic.systems.nailfold.measure.mask_lines import Places, mask_lines
from tests.systems.nailfold.measure.hairpins import Hairpin, at, paint, placed

PX = Spacing.unknown()


def drawn(loop, x=0.0, y=0.0, degrees=0.0, landmarks=False):
    reach = int(loop.limb + loop.apart + loop.apex_width) + 10
    one = placed(loop, at(reach + x, reach + y, degrees), (2 * reach, 2 * reach))
    return mask_lines(one.mask, Places.of(one, SCHEMA if landmarks else None))


def widths(lines):
    diameters = lines.diameters
    return [length(t.points, PX) for t in (diameters.apical, diameters.left, diameters.right)]


@pytest.mark.parametrize("width", [4, 5, 6, 8, 11, 15, 20, 30])
def test_widths_within_half_a_pixel_and_without_bias(width):
    random = np.random.default_rng(width)
    loop = Hairpin(width, width, apart=width + max(6, 0.6 * width), limb=40 + 2 * width)
    errors = []
    # not near multiples of 45 degrees, where whole rows of pixels fall on one side of an edge and
    # the painting itself is off by up to half a pixel
    for landmarks, degrees in zip((False, True) * 3, (8, 62, 115, 200, 251, 341), strict=True):
        x, y = random.uniform(size=2)
        lines = drawn(loop, x, y, degrees, landmarks)
        errors.append(np.array(widths(lines)) - width)
    assert np.abs(errors).max() <= 0.5
    assert abs(np.mean(errors)) <= 0.2


def test_thin_and_wide_limb_are_told_apart():
    lines = drawn(Hairpin(left_width=6, right_width=10, apart=22), 0.3, 0.6)
    assert widths(lines) == pytest.approx([8, 6, 10], abs=0.6)


@settings(max_examples=15, deadline=None)
@given(x=st.floats(0, 1), y=st.floats(0, 1), degrees=st.floats(0, 360))
def test_length_and_tortuosity_of_a_hairpin(x, y, degrees):
    loop = Hairpin()
    lines = drawn(loop, x, y, degrees)
    true = loop.limb + np.pi * loop.apart / 4 + loop.apex_width / 2  # its ends are round
    assert loop_length(lines.left, lines.right, PX) == pytest.approx(true, abs=2)
    assert tortuosity(lines.left, lines.right, PX) == pytest.approx(1, abs=0.01)


def test_a_wavy_limb_is_tortuous():
    loop = Hairpin(limb=120, apart=30)
    middle, width = loop.middle()
    below = middle[:, 1] > 0
    phase = middle[below, 1] / 120 * 6 * np.pi
    middle[below, 0] += 6 * np.sin(phase)
    down = np.linspace(0, 120, 5000)
    wave = np.stack([6 * np.sin(down / 120 * 6 * np.pi), down], 1)
    lines = mask_lines(paint(np.add(middle, (60, 40)), width, (180, 120)), Places())
    true = np.linalg.norm(np.diff(wave, axis=0), axis=1).sum() / 120
    assert tortuosity(lines.left, lines.right, PX) == pytest.approx(true, rel=0.04)


@pytest.mark.parametrize("width", [8, 20, 40, 60])
@pytest.mark.parametrize("degrees", [0, 33, 45, 90, 170])
def test_ends_that_are_cut_off_square_are_no_branches(width, degrees):
    loop = Hairpin(width, width, apart=1.6 * width + 8, limb=60 + 3 * width)
    move = at(320, 320, degrees)
    middle, widths_along = loop.middle()
    full = paint(move.points(middle), widths_along, (640, 640)).array()
    rows, columns = np.mgrid[:640, :640]
    down = move.inverse().points(np.stack([columns, rows], -1))[..., 1]
    lines = mask_lines(Mask.from_array(full & (down <= loop.limb)), Places())
    assert widths(lines) == pytest.approx([width] * 3, abs=max(1.2, 0.05 * width))
    true = loop.limb + np.pi * loop.apart / 4
    assert loop_length(lines.left, lines.right, PX) == pytest.approx(true, abs=2 + 0.25 * width)


def test_apex_and_axis():
    lines = drawn(Hairpin(), degrees=90)  # clockwise as seen: the apex points right
    axis = lines.apex.axis / np.linalg.norm(lines.apex.axis)
    assert axis == pytest.approx([1, 0], abs=0.1)


def test_landmarks_choose_the_place_not_the_value():
    loop = Hairpin(left_width=6, right_width=10, apart=22)
    one = placed(loop, at(40, 40), (130, 80))
    true = widths(mask_lines(one.mask, Places.of(one, SCHEMA)))
    one.landmarks[SCHEMA.index("up"), 1] -= 2
    one.landmarks[SCHEMA.index("down"), 1] += 2
    wider = widths(mask_lines(one.mask, Places.of(one, SCHEMA)))
    assert wider == pytest.approx(true, abs=0.01)


def test_landmarks_off_the_mask_measure_nothing():
    one = placed(Hairpin(), at(40, 40), (130, 80))
    one.landmarks[:, 0] += 30
    lines = mask_lines(one.mask, Places.of(one, SCHEMA))
    assert lines.diameters.apical.reason == "landmark-off-mask"


def test_limbs_that_touch_are_not_two_limbs():
    lines = drawn(Hairpin(10, 10, apart=8))
    assert lines.diameters.left.reason == "limbs-not-separate"
    assert tortuosity(lines.left, lines.right, PX) == "limbs-not-separate"
    assert lines.apex is None


def test_crossing_limbs_are_measured_where_landmarks_lie():
    loop = Hairpin(6, 6, apart=24, limb=70)
    middle, width = loop.middle()
    below = middle[:, 1] > 0
    middle[below, 0] *= 1 - middle[below, 1] / 35  # the limbs cross half way down
    mask = paint(np.add(middle, (50, 30)), width, (120, 100))
    without = mask_lines(mask, Places())
    assert without.diameters.apical.reason == "limbs-cross"
    apex = mask_lines(mask, Places(apex=np.array([50.0, 18.0]))).diameters.apical
    assert length(apex.points, PX) == pytest.approx(6, abs=0.5)


def test_a_branch_is_not_taken_for_a_limb():
    loop = Hairpin(6, 6, apart=24, limb=60)
    middle, width = loop.middle()
    branch = np.linspace((12, 30), (60, 20), 200)  # longer than what is left of its limb
    middle = np.vstack([middle, branch])
    width = np.concatenate([width, np.full(200, 5.0)])
    mask = paint(np.add(middle, (40.3, 40.3)), width, (120, 120))
    lines = mask_lines(mask, Places())
    assert loop_length(lines.left, lines.right, PX) == "vessel-branched"
    places = Places(left=np.array([28.3, 70]), right=np.array([52.3, 85]))
    diameters = mask_lines(mask, places).diameters
    assert length(diameters.left.points, PX) == pytest.approx(6, abs=0.5)
    assert length(diameters.right.points, PX) == pytest.approx(6, abs=0.5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(1, 24), st.integers(1, 24), st.floats(0.05, 1))
def test_no_mask_raises(seed, height, width, share):
    full = np.random.default_rng(seed).random((height, width)) < share
    lines = mask_lines(Mask.from_array(full), Places())
    for trace in (lines.diameters.apical, lines.diameters.left, lines.left):
        assert trace.reason or np.isfinite(trace.points).all()


def test_tiny_and_empty_masks_say_so():
    assert centreline(Mask.from_array(np.zeros((5, 5), bool))) == "mask-too-small"
    assert centreline(Mask.from_array(np.ones((2, 2), bool))) == "mask-too-small"


def test_a_pinhole_does_not_close_the_loop():
    one = placed(Hairpin(), at(40, 40), (130, 80))
    full = one.mask.array()
    rows, columns = np.nonzero(full)
    middle = len(rows) // 2
    full[rows[middle], columns[middle]] = False
    assert centreline(Mask.from_array(full)).tangle is None
