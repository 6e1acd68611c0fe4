from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.errors import DataError
from polyclinic.sample import Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.schema.knee import KNEE_LANDMARKS
from polyclinic.systems.knee.measure.measurer import KNEE_FORMULAS, measure_knees
from tests.systems.knee.measure.knees import MEAN_SHAPE, film, flat_knee, knee

MM = Spacing.square(1.0, "calibrated")
MEDIAL = [f"medial_joint_space_at_{place}" for place in (15, 20, 25, 30)]
LATERAL = [f"lateral_joint_space_at_{place}" for place in (70, 75, 80, 85)]
FILM = ("joint_space_asymmetry", "tibial_width_asymmetry")


def measured(*knees, row=0, **known):
    rows = measure_knees(film(*knees, **known))
    return {one.name: one for one in rows if one.instance == row}


def values(points, **known):
    return {name: one.value for name, one in measured(knee(points), **known).items()}


def hidden(points, *names):
    one = knee(points)
    one.landmarks[[KNEE_LANDMARKS.index(name) for name in names], 2] = 0
    return one


def test_parallel_lines_are_as_far_apart_everywhere():
    found = values(flat_knee(5), spacing=MM)
    assert found.pop("tibial_width") == 80
    assert found.pop("joint_space_ratio") == 1
    assert found == pytest.approx(dict.fromkeys(found, 5.0))
    assert set(MEDIAL + LATERAL) < set(found)


def test_a_wedge_is_as_wide_as_it_is_there():
    found = values(flat_knee(5, tilt=-2.0), spacing=MM)
    for name in MEDIAL + LATERAL:
        assert found[name] == pytest.approx(3 + 2 * int(name[-2:]) / 100), name
    # Straight across to the nearest point of the femur, or to where its line is cut.
    cosine = 80 / np.hypot(80, 2)
    assert found["medial_joint_space_min"] == pytest.approx((3 + 2 * 0.05) * cosine, abs=5e-3)
    assert found["lateral_joint_space_min"] == pytest.approx((3 + 2 * 0.7) * cosine, abs=5e-3)
    assert found["joint_space_ratio"] == pytest.approx(3.1 / 4.4, abs=2e-3)


def test_the_mean_shape_of_the_annotations_in_mm():
    found = values(MEAN_SHAPE)
    assert found["tibial_width"] == pytest.approx(0.3 * np.hypot(263, 4.5))
    # 4.08 and 5.82 mm lie between tibia_7 and femur_5, and between tibia_1 and femur_1.
    assert found["medial_joint_space_at_15"] == pytest.approx(4.1, abs=0.1)
    assert found["medial_joint_space_min"] == pytest.approx(4.04, abs=0.05)
    assert found["lateral_joint_space_at_85"] == pytest.approx(6.1, abs=0.1)
    assert 5 < found["lateral_joint_space_min"] < 5.82
    places = [found[name] for name in MEDIAL]
    assert places == sorted(places)


def test_the_vertical_gap_of_a_grade_is_found_where_it_was_put():
    shape = MEAN_SHAPE.copy()
    shape[9 + 5, 1] = shape[7, 1] - 4.86 / 0.3
    found = values(shape)
    assert found["medial_joint_space_min"] < 4.86
    assert found["medial_joint_space_at_15"] == pytest.approx(4.86, abs=0.1)


def test_rows_and_columns_of_different_sizes():
    wide = Spacing(row_mm=0.5, column_mm=2.0, origin="calibrated")
    found = values(flat_knee(5), spacing=wide)
    assert found["tibial_width"] == 160
    assert found["medial_joint_space_min"] == found["lateral_joint_space_at_70"] == 2.5
    plain = values(MEAN_SHAPE, spacing=MM)
    squeezed = values(MEAN_SHAPE / (2.0, 0.5), spacing=wide)
    assert squeezed == pytest.approx(plain)


def test_pixels_where_there_is_no_scale():
    found = measured(knee(flat_knee(5)), spacing=Spacing.unknown())
    assert found["tibial_width"].value == 80
    assert {one.unit for one in found.values()} == {"px", "1"}
    assert found["medial_joint_space_min"].flags == ("unknown-scale",)
    assert found["joint_space_ratio"].flags == ()


def test_a_scale_at_the_detector_says_so():
    found = measured(knee(MEAN_SHAPE))
    assert {one.scale_source for one in found.values()} == {"detector"}
    assert {one.unit for name, one in found.items() if name != "joint_space_ratio"} == {"mm"}


transforms = st.tuples(
    st.floats(-np.pi, np.pi), st.booleans(), st.floats(-500, 500), st.floats(0.2, 5)
)
shapes = st.integers(0, 10**6).map(
    lambda seed: MEAN_SHAPE + np.random.default_rng(seed).normal(0, 8, (16, 2))
)


@given(shapes, transforms)
def test_turned_moved_and_mirrored_knees_measure_the_same(points, transform):
    angle, mirror, move, scale = transform
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    moved = points @ turn.T * (-1 if mirror else 1, 1) + move
    before = measured(knee(points), spacing=MM)
    for after in (
        measured(knee(moved), spacing=MM),
        measured(knee(points * scale), spacing=Spacing.square(1 / scale, "assumed")),
    ):
        for name, one in before.items():
            assert after[name].flags == one.flags, name
            expected = one.value and pytest.approx(one.value, rel=1e-6, abs=1e-6)
            assert after[name].value == expected, name


@settings(max_examples=30, deadline=None)
@given(shapes)
def test_the_least_space_is_the_least_of_many_distances(points):
    found = measured(knee(points), spacing=MM)
    medial, lateral = points[8], points[0]
    width = np.linalg.norm(lateral - medial)
    along = (lateral - medial) / width
    for name, tibia, femur, (low, high) in (
        ("medial", points[4:9], points[12:16], (0.05, 0.3)),
        ("lateral", points[0:5], points[9:13], (0.7, 0.95)),
    ):
        one = found[f"{name}_joint_space_min"]
        if one.flags:
            continue
        dense = []
        for line in (tibia, femur):
            share = np.linspace(0, len(line) - 1, 1600)
            curve = np.stack([np.interp(share, np.arange(len(line)), c) for c in line.T], 1)
            place = (curve - medial) @ along / width
            dense.append(curve[(place >= low) & (place <= high)])
        steps = dense[0][:, None] - dense[1][None, ::4]
        least = np.sqrt((steps**2).sum(-1).min())
        assert one.value == pytest.approx(least, abs=0.2)
        assert one.value <= least + 1e-9


def test_two_knees_of_one_film_are_compared():
    right, left = flat_knee(4), flat_knee(6) * (-1.1, 1) + (300, 0)
    rows = measure_knees(film(knee(left, 1), knee(right, 0), spacing=MM))
    whole = {one.name: one.value for one in rows if one.instance is None}
    assert whole == pytest.approx(dict(zip(FILM, (-2, -8), strict=True)))
    assert [one.instance for one in rows if one.name == "tibial_width"] == [0, 1]
    alone = measure_knees(film(knee(right), spacing=MM))
    assert not [one for one in alone if one.name in FILM]


def test_bones_that_overlap_have_no_space():
    sunk = flat_knee(5)
    sunk[9 + 5, 1] = 103
    found = measured(knee(sunk), spacing=MM)
    assert (found["medial_joint_space_min"].value, found["medial_joint_space_min"].flags) == (
        0,
        ("bone-overlap",),
    )
    assert found["lateral_joint_space_min"].value == 5
    assert (found["joint_space_ratio"].value, found["joint_space_ratio"].flags) == (
        0,
        ("bone-overlap",),
    )
    under = flat_knee(-3)  # the femur lies under the tibia everywhere: no lines cross
    found = measured(knee(under), spacing=MM)
    assert {found[name].flags for name in MEDIAL + LATERAL} == {("bone-overlap",)}
    assert {found[name].value for name in MEDIAL + LATERAL} == {0}
    assert found["joint_space_ratio"].value is None
    assert found["joint_space_ratio"].flags == ("no-lateral-space", "bone-overlap")


def test_a_femur_that_does_not_reach_has_no_space_there():
    short = flat_knee(5)
    short[9 + 4 :, 0] = (60, 62, 66)
    found = measured(knee(short), spacing=MM)
    assert found["medial_joint_space_at_15"].flags == ("no-opposite-bone",)
    assert found["medial_joint_space_at_20"].value == 5
    assert found["medial_joint_space_min"].value == 5


def test_missing_landmarks_cost_what_needs_them():
    whole = measured(knee(MEAN_SHAPE))
    found = measured(hidden(MEAN_SHAPE, "femur_1", "tibia_6"))
    assert found["tibial_width"].value == whole["tibial_width"].value
    assert {one.flags for name, one in found.items() if name != "tibial_width"} == {
        ("landmark-missing",)
    }
    found = measured(hidden(MEAN_SHAPE, "femur_1"))
    assert found["medial_joint_space_min"].value == whole["medial_joint_space_min"].value
    assert found["lateral_joint_space_min"].value is None
    found = measured(hidden(MEAN_SHAPE, "tibia_0"))
    assert {one.value for one in found.values()} == {None}
    found = measured(replace(knee(MEAN_SHAPE), landmarks=None))
    assert {one.flags for one in found.values()} == {("landmark-missing",)}


def test_implants_are_not_measured():
    implant = knee(MEAN_SHAPE, 1, labels={"knee": "implant"})
    rows = measure_knees(film(knee(MEAN_SHAPE), implant))
    assert {one.flags for one in rows if one.instance != 0} == {("implant",)}
    assert {one.value for one in rows if one.instance != 0} == {None}
    assert {one.value is None for one in rows if one.instance == 0} == {False}
    native = knee(MEAN_SHAPE, labels={"knee": "native", "kl": 3})
    assert measured(native)["tibial_width"].value is not None


def test_films_without_knees_or_landmarks():
    rows = measure_knees(film())
    assert [one.name for one in rows] == list(KNEE_FORMULAS)
    assert {(one.value, one.instance, one.flags) for one in rows} == {
        (None, None, ("object-not-found",))
    }
    assert measure_knees(film(instances=None)) == ()
    assert measure_knees(film(instances=(), landmark_schema=None)) == ()


def test_other_landmarks_are_refused():
    schema = LandmarkSchema(names=("tip", "heel"))
    with pytest.raises(DataError, match="no landmark is named 'tibia_0'"):
        measure_knees(film(landmark_schema=schema))


def test_rows_go_by_the_names_of_the_schema():
    names = (*reversed(KNEE_LANDMARKS.names), "patella")
    points = np.concatenate([MEAN_SHAPE[::-1], [[0, 0]]])
    found = measured(knee(points, outlines={}), landmark_schema=LandmarkSchema(names=names))
    name = "medial_joint_space_min"
    assert found[name].value == measured(knee(MEAN_SHAPE, outlines={}))[name].value


def test_landmarks_alone_say_so_and_round_the_bones_off():
    found = measured(knee(flat_knee(5), outlines={}), spacing=MM)
    assert found["medial_joint_space_min"].flags == ("from-landmarks",)
    assert found["joint_space_ratio"].flags == ("from-landmarks",)
    assert found["tibial_width"].flags == ()
    # condyles bulge between and beyond their landmarks: less than the straight lines are apart
    assert 2.5 < found["medial_joint_space_min"].value < 5
    assert found["medial_joint_space_at_15"].value == pytest.approx(5, abs=0.5)


def test_one_outline_of_two_is_not_mixed_with_landmarks():
    whole = knee(flat_knee(5))
    half = {name: line for name, line in whole.outlines.items() if name != "medial_tibia"}
    found = measured(replace(whole, outlines=half), spacing=MM)
    assert found["medial_joint_space_min"].flags == ("from-landmarks",)
    assert found["lateral_joint_space_min"].flags == ()
