from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.schema import NAILFOLD_LANDMARKS
from polyclinic.systems.nailfold.phantoms.paint import paint_loop
from polyclinic.systems.nailfold.phantoms.truth import (
    frame_mask,
    loop_landmarks,
    loop_truth,
    section_row,
)
from tests.systems.nailfold.phantoms.loops import SHAPES, draw_loop

seeds = st.integers(0, 2**32 - 1)
NAMES = NAILFOLD_LANDMARKS.names
PAIRS = {
    "apical_diameter_um": ("up", "down"),
    "left_diameter_um": ("left_left", "left_right"),
    "right_diameter_um": ("right_left", "right_right"),
}


def landmark(rows, name):
    return rows[NAMES.index(name), :2]


@given(seeds, st.sampled_from(SHAPES), st.floats(-0.5, 0.5), st.floats(0.8, 3.0))
@settings(max_examples=60, deadline=None)
def test_distances_of_wall_landmarks_are_the_diameters(seed, shape, tilt, scale):
    loop = draw_loop(shape, seed, tilt, scale)
    rows = loop_landmarks(loop, (2000, 2000))
    if (rows[:, 2] == 0).any():
        return
    truth = loop_truth(loop, row=0, in_focus=True)
    measured = {
        key: np.linalg.norm(landmark(rows, a) - landmark(rows, b)) for key, (a, b) in PAIRS.items()
    }
    swapped = shape == "crossing" and limbs_swapped(loop)
    for key, distance in measured.items():
        if swapped and key != "apical_diameter_um":
            continue
        assert distance * scale == pytest.approx(truth[key], abs=0.05 * scale)


def limbs_swapped(loop):
    """Whether the limbs have changed sides above the section."""
    return loop.left.depth_um[section_row(loop, loop.left)] > loop.plan.crossing_um


@given(seeds, st.sampled_from(SHAPES))
@settings(max_examples=60, deadline=None)
def test_the_section_lies_above_a_crossing(seed, shape):
    loop = draw_loop(shape, seed)
    assert loop.plan.crossing_um is None or not limbs_swapped(loop)


@given(seeds, st.sampled_from(SHAPES), st.floats(-0.5, 0.5))
@settings(max_examples=40, deadline=None)
def test_landmarks_run_from_left_to_right_and_up_is_distal(seed, shape, tilt):
    loop = draw_loop(shape, seed, tilt)
    rows = loop_landmarks(loop, (2000, 2000))
    across = np.array([np.cos(tilt), np.sin(tilt)])
    order = [landmark(rows, n) @ across for n in NAMES[2:6]]
    assert order[0] < order[1]
    assert order[2] < order[3]
    assert order[0] + order[1] < order[2] + order[3]
    assert landmark(rows, "left_bottom") @ across <= landmark(rows, "right_bottom") @ across
    along = landmark(rows, "up") - landmark(rows, "down")
    assert along @ loop.axis == pytest.approx(np.linalg.norm(along))


@given(seeds, st.sampled_from(["hairpin", "tortuous", "crossing", "dilated", "giant"]))
@settings(max_examples=40, deadline=None)
def test_the_mask_is_as_wide_as_the_diameters(seed, shape):
    # Drawn fine, so that pixels along a slanted line count for less than a µm.
    loop = draw_loop(shape, seed, um_per_px=0.6)
    patch = paint_loop(loop, 0.0)
    rows = loop_landmarks(loop, (3000, 3000))
    if not rows[:, 2].all():
        return
    for first, second in PAIRS.values():
        start, stop = (landmark(rows, n) - (patch.left, patch.top) for n in (first, second))
        width = extent(patch.covered, start, stop)
        assert width == pytest.approx(np.linalg.norm(stop - start), abs=1.6)


def extent(pixels, start, stop):
    """Length of the covered run around the middle of a segment, up to half a width beyond it."""
    t = np.linspace(-0.5, 1.5, 801)
    x, y = (start + t[:, None] * (stop - start)).round().astype(int).T
    inside = np.pad(pixels, 60)[y + 60, x + 60]
    middle = len(t) // 2
    assert inside[middle]
    gaps = np.flatnonzero(~inside)
    low = t[gaps[gaps < middle].max() + 1] if (gaps < middle).any() else t[0]
    high = t[gaps[gaps > middle].min() - 1] if (gaps > middle).any() else t[-1]
    return (high - low) * np.linalg.norm(stop - start)


def test_a_mask_is_cut_at_the_image_and_its_share_counted():
    covered = np.ones((4, 10), bool)
    mask, share = frame_mask(covered, -5, 2, (20, 30))
    assert (mask.left, mask.top, mask.patch.shape) == (0, 2, (4, 5))
    assert share == 0.5
    nothing, none = frame_mask(covered, 40, 2, (20, 30))
    assert nothing.area == none == 0


def test_landmarks_outside_the_image_are_not_labelled():
    loop = draw_loop("hairpin", 1, tilt=0.0)
    rows = loop_landmarks(loop, (int(loop.apex[1]) + 1, 2000))
    assert rows[NAMES.index("up"), 2] == 2
    assert not rows[NAMES.index("left_bottom")].any()


@pytest.mark.parametrize("seed", range(8))
def test_a_crossing_point_lies_on_both_limbs(seed):
    loop = draw_loop("crossing", seed)
    point = loop.crossing()
    assert point is not None
    for limb in (loop.left, loop.right):
        away = np.linalg.norm(limb.points - point, axis=1)
        assert away.min() < limb.radii[away.argmin()]
