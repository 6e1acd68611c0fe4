import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.measure.length import length
from polyclinic.sample import Instance, Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA
from polyclinic.systems.nailfold.measure.loop_diameters import landmark_diameters, limbs_by_width
from tests.systems.nailfold.measure.hairpins import Hairpin, at

PX = Spacing.unknown()
LOOP = Hairpin(left_width=6, right_width=9)


def instance(landmarks, **known):
    return Instance(box=np.array([0.0, 0, 1, 1]), landmarks=landmarks, **known)


def values(one, spacing=PX):
    lines = landmark_diameters(one, SCHEMA)
    arterial, venous = limbs_by_width(lines.left, lines.right, spacing)
    return [length(trace.points, spacing) for trace in (lines.apical, arterial, venous)]


def test_known_wall_distances_come_back():
    assert values(instance(LOOP.landmarks())) == pytest.approx([7.5, 6, 9])
    um = Spacing.square(0.0017, "calibrated")
    assert values(instance(LOOP.landmarks()), um) == pytest.approx([12.75, 10.2, 15.3])


@given(
    x=st.floats(-500, 500),
    y=st.floats(-500, 500),
    degrees=st.floats(0, 360),
    scale=st.floats(0.2, 5),
    mirrored=st.booleans(),
)
def test_diameters_move_with_nothing_but_scale(x, y, degrees, scale, mirrored):
    move = at(x, y, degrees, scale)
    landmarks = LOOP.landmarks()
    if mirrored:
        landmarks[:, 0] *= -1
        landmarks = landmarks[SCHEMA.mirror_order]
    landmarks[:, :2] = move.points(landmarks[:, :2])
    assert values(instance(landmarks)) == pytest.approx([7.5 * scale, 6 * scale, 9 * scale])


def test_mirroring_swaps_the_sides():
    landmarks = LOOP.landmarks()
    landmarks[:, 0] *= -1
    lines = landmark_diameters(instance(landmarks[SCHEMA.mirror_order]), SCHEMA)
    assert length(lines.left.points, PX) == pytest.approx(9)
    assert length(lines.right.points, PX) == pytest.approx(6)


@settings(max_examples=50)
@given(
    hidden=st.sets(st.sampled_from(SCHEMA.names)),
    broken=st.sets(st.sampled_from(SCHEMA.names)),
    unsure=st.sets(st.sampled_from(SCHEMA.names)),
)
def test_missing_landmarks_never_raise(hidden, broken, unsure):
    landmarks = LOOP.landmarks()
    landmarks[[SCHEMA.index(name) for name in hidden]] = 0
    for name in broken:
        landmarks[SCHEMA.index(name), 0] = np.nan
    confidence = np.ones(8)
    confidence[[SCHEMA.index(name) for name in unsure]] = 0.01
    one = instance(landmarks, landmark_confidence=confidence)
    lines = landmark_diameters(one, SCHEMA, min_confidence=0.05)
    usable = {"up", "down"}.isdisjoint(hidden | broken | unsure)
    assert (lines.apical.points is not None) == usable
    assert usable or lines.apical.reason.startswith("landmark-")


def test_one_limb_alone_is_neither_arterial_nor_venous():
    landmarks = LOOP.landmarks()
    landmarks[SCHEMA.index("left_left")] = 0
    lines = landmark_diameters(instance(landmarks), SCHEMA)
    arterial, venous = limbs_by_width(lines.left, lines.right, PX)
    assert arterial.reason == venous.reason == "landmark-missing"


def test_another_schema_has_no_diameters():
    knee = LandmarkSchema(names=("a", "b"))
    lines = landmark_diameters(instance(np.full((2, 3), 2.0)), knee)
    assert lines.apical.reason == "landmark-not-in-schema"
