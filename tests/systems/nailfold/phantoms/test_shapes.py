from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.systems.nailfold.phantoms.patient import draw_patient
from polyclinic.systems.nailfold.phantoms.shapes import draw_plan
from tests.systems.nailfold.phantoms.loops import SHAPES

seeds = st.integers(0, 2**32 - 1)


def draw(shape, seed, hand="left"):
    rng = np.random.default_rng(seed)
    return draw_plan(shape, draw_patient("active", rng), hand, rng)


@given(seeds, st.sampled_from(SHAPES))
@settings(max_examples=100, deadline=None)
def test_the_apical_bend_has_room_for_its_lumen(seed, shape):
    plan = draw(shape, seed)
    assert plan.shape == shape
    assert 2 * plan.half_gap_um > (plan.left_um + plan.right_um) / 2
    assert plan.half_gap_um > plan.apical_um / 2
    curvature = plan.half_gap_um**2 / plan.bend_um
    assert curvature > plan.apical_um / 2


@given(seeds, st.sampled_from(SHAPES))
@settings(max_examples=100, deadline=None)
def test_the_arterial_limb_is_the_thinner_one(seed, shape):
    plan = draw(shape, seed)
    limbs = {"left": plan.left_um, "right": plan.right_um}
    assert min(limbs, key=limbs.get) == plan.arterial_side


@pytest.mark.parametrize(
    ("shape", "low", "high"),
    [
        ("hairpin", 9, 21),
        ("tortuous", 9, 21),
        ("crossing", 9, 21),
        ("dilated", 20, 40),
        ("giant", 50, 120),
    ],
)
def test_apical_diameters_stay_in_their_range(shape, low, high):
    apices = [draw(shape, seed).apical_um for seed in range(200)]
    assert low < min(apices)
    assert max(apices) < high


def test_hairpins_have_the_published_diameters_on_average():
    plans = [draw("hairpin", seed) for seed in range(600)]
    arterial = np.mean([min(p.left_um, p.right_um) for p in plans])
    assert arterial == pytest.approx(10.8, abs=0.3)
    assert np.mean([p.apical_um for p in plans]) == pytest.approx(14.1, abs=0.3)
    assert np.median([p.length_um for p in plans]) == pytest.approx(207, abs=8)
