from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.systems.nailfold.phantoms.loops import SHAPES, draw_loop

seeds = st.integers(0, 2**32 - 1)


@given(seeds, st.sampled_from(SHAPES), st.floats(-3, 3), st.floats(0.5, 5))
@settings(max_examples=60, deadline=None)
def test_limbs_begin_with_one_disc_at_the_apex(seed, shape, tilt, scale):
    loop = draw_loop(shape, seed, tilt, scale)
    assert loop.apex == pytest.approx([150.3, 60.7])
    assert loop.right.points[0] == pytest.approx(loop.apex)
    assert loop.right.radii[0] == pytest.approx(loop.left.radii[0])
    depth = -(loop.left.points - loop.apex) @ loop.axis * scale
    assert depth == pytest.approx(loop.left.depth_um, abs=1e-6)
    assert (depth >= 0).all()


@given(seeds, st.sampled_from(SHAPES))
@settings(max_examples=60, deadline=None)
def test_discs_lie_close_enough_for_a_smooth_wall(seed, shape):
    for strand in draw_loop(shape, seed).strands:
        steps = np.linalg.norm(np.diff(strand.points, axis=0), axis=1)
        dent = strand.radii[1:] - np.sqrt(strand.radii[1:] ** 2 - (steps / 2) ** 2)
        assert dent.max() < 0.06


@given(seeds, st.sampled_from(["hairpin", "tortuous", "crossing", "dilated", "giant"]))
@settings(max_examples=40, deadline=None)
def test_a_limb_is_visible_about_as_far_as_its_length_and_then_fades(seed, shape):
    loop = draw_loop(shape, seed)
    for limb in (loop.left, loop.right):
        assert 0.6 < limb.depth_um[limb.visible - 1] / loop.plan.length_um < 1.5
        assert limb.strength[-1] < 0.1 * limb.strength[0]


def test_the_same_loop_at_half_the_scale_is_half_as_large():
    small, large = draw_loop("hairpin", 3, um_per_px=2.0), draw_loop("hairpin", 3, um_per_px=1.0)
    assert 2 * small.left.length_px() == pytest.approx(large.left.length_px(), abs=3)
    assert 2 * small.left.radii[0] == pytest.approx(large.left.radii[0])
