from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.nailfold.phantoms import NailfoldPhantomConfig
from polyclinic.systems.nailfold.phantoms.disease import ABNORMAL_SHAPES, STATES
from polyclinic.systems.nailfold.phantoms.patient import draw_patient
from polyclinic.systems.nailfold.phantoms.placement import Field, draw_row, place_loops

CONFIG = NailfoldPhantomConfig()
SEEDS = range(12)


def field(state, seed):
    rng = np.random.default_rng(seed)
    patient = draw_patient(state, rng)
    view = Field(patient=patient, hand="left", row=draw_row(CONFIG, rng), config=CONFIG)
    return view, place_loops(view, rng)


def along(view, loop):
    """Way of the apex along the row, in px."""
    direction = np.array([np.cos(view.row.tilt), np.sin(view.row.tilt)])
    return (loop.apex - view.row.middle) @ direction


def widest_gap_um(state, seed):
    view, loops = field(state, seed)
    ways = np.sort([along(view, one.loop) for one in loops if one.row == 0])
    inside = np.concatenate([[-512], ways[np.abs(ways) < 512], [512]])
    return np.diff(inside).max() * CONFIG.um_per_px


def test_avascular_stretches_are_a_late_sign():
    normal, late = (np.median([widest_gap_um(s, n) for n in SEEDS]) for s in ("normal", "late"))
    assert normal < 300
    assert late > 500


@pytest.mark.parametrize("state", STATES)
def test_neighbours_of_a_row_do_not_share_shoulders(state):
    for seed in SEEDS:
        view, loops = field(state, seed)
        distal = [one.loop for one in loops if one.row == 0]
        ways = np.array([along(view, loop) for loop in distal])
        halves = np.array([loop.plan.outer_width_um for loop in distal]) / 2 / CONFIG.um_per_px
        # The curved and ragged row moves apices sideways by a little.
        assert (np.diff(ways) > halves[1:] + halves[:-1] - 8).all()


@pytest.mark.parametrize("state", STATES)
def test_no_second_row_apex_lies_under_a_distal_limb(state):
    for seed in SEEDS:
        _, loops = field(state, seed)
        limbs = [x for one in loops if one.row == 0 for x in (one.loop.left, one.loop.right)]
        for one in loops:
            if one.row == 1:
                for limb in limbs:
                    away = np.linalg.norm(limb.points - one.loop.apex, axis=1)
                    assert (away >= limb.radii).all()


def test_sludge_and_defocus_exclude_each_other_and_spare_abnormal_loops():
    seen = set()
    for seed in SEEDS:
        for one in field("active", seed)[1]:
            sludge, blurred = one.loop.plan.clump_um is not None, one.defocus_px > 0
            assert not (sludge and blurred)
            assert not (one.loop.plan.shape in ABNORMAL_SHAPES and (sludge or blurred))
            seen.add((sludge, blurred))
    assert seen == {(False, False), (True, False), (False, True)}


def test_the_arterial_limb_lies_on_the_hands_side_in_most_loops():
    for seed in SEEDS:
        view, loops = field("normal", seed)
        usual = view.patient.arterial_side["left"]
        assert np.mean([one.loop.plan.arterial_side == usual for one in loops]) > 0.6
