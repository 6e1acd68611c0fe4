"""Edges of bones in drawn images with known spaces, and in phantoms with known outlines."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.schema.knee import JOINT_SURFACES, KNEE_LANDMARKS
from polyclinic.systems.knee.measure.bone_edges import bone_edges
from polyclinic.systems.knee.measure.joint_space import COMPARTMENTS, least_space
from polyclinic.systems.knee.phantoms.film import draw_film
from polyclinic.systems.knee.phantoms.patient import SIDES, KneePhantomConfig
from polyclinic.systems.knee.phantoms.truth import instances
from tests.systems.knee.measure.knees import PIXEL_MM, SIZE, drawn
from tests.systems.knee.phantoms.people import layout_of, patient_of

FINE = KneePhantomConfig(spacing_mm=(0.22, 0.3), off_centre=0)


def spaces(points, outlines):
    scaled = {name: line * PIXEL_MM for name, line in outlines.items()}
    return [least_space(points * PIXEL_MM, one, scaled) for one in COMPARTMENTS]


@pytest.mark.parametrize("gap_mm", [1.5, 3.0, 5.0])
def test_the_space_is_the_one_that_was_drawn(gap_mm):
    grey, points = drawn(gap_mm)
    outlines = bone_edges(grey, points, (PIXEL_MM, PIXEL_MM))
    assert set(outlines) == set(JOINT_SURFACES)
    for width in spaces(points, outlines):
        assert width.flags == ()
        assert width.value == pytest.approx(gap_mm, abs=0.12)


def test_landmarks_that_are_off_do_not_move_the_edges():
    grey, points = drawn(3.0)
    off = points + np.random.default_rng(3).normal(0, 0.4 / PIXEL_MM, points.shape)
    outlines = bone_edges(grey, off, (PIXEL_MM, PIXEL_MM))
    for width in spaces(off, outlines):
        assert width.value == pytest.approx(3.0, abs=0.15)


def test_oblong_pixels_are_looked_at_in_mm():
    grey, points = drawn(3.0)
    flat = cv2.resize(grey, (SIZE[1], SIZE[0] // 2), interpolation=cv2.INTER_AREA)
    squeezed = (points + 0.5) * (1, 0.5) - 0.5
    outlines = bone_edges(flat, squeezed, (PIXEL_MM, 2 * PIXEL_MM))
    scale = np.array([PIXEL_MM, 2 * PIXEL_MM])
    scaled = {name: line * scale for name, line in outlines.items()}
    for one in COMPARTMENTS:
        assert least_space(squeezed * scale, one, scaled).value == pytest.approx(3.0, abs=0.2)


def test_nothing_is_found_where_there_is_nothing():
    grey, points = drawn(3.0)
    noise = np.random.default_rng(1).normal(1000, 200, SIZE).clip(0, 4095).astype(np.uint16)
    for image in (noise, np.full_like(grey, 700), 4095 - grey):
        assert bone_edges(image, points, (PIXEL_MM, PIXEL_MM)) == {}
    assert bone_edges(grey, points - (0, 250), (PIXEL_MM, PIXEL_MM)) == {}
    missing = points.copy()
    missing[KNEE_LANDMARKS.index("tibia_8")] = np.nan
    assert bone_edges(grey, missing, (PIXEL_MM, PIXEL_MM)) == {}


@settings(max_examples=200, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    spread=st.sampled_from([0.0, 0.5, 20.0, 400.0]),
    whole=st.booleans(),
)
def test_landmarks_that_are_no_knee_raise_nothing(seed, spread, whole):
    """A network may place them anywhere, on top of each other too."""
    grey, points = drawn(3.0)
    random = np.random.default_rng(seed)
    moved = (points if random.random() < 0.5 else points[:1]) + random.normal(0, spread, (16, 2))
    if whole:
        moved = np.rint(moved)
    outlines = bone_edges(grey, moved, (PIXEL_MM, PIXEL_MM))
    assert all(np.isfinite(line).all() for line in outlines.values())
    for one in COMPARTMENTS:
        width = least_space(moved, one, outlines)
        assert width.value is None or width.value >= 0


@pytest.fixture(scope="module")
def phantoms():
    """(film, mm per pixel, annotated knee) of some patients."""
    knees = []
    for number in range(4):
        patient, layout = patient_of(number, grade=number % 4), layout_of(number, config=FINE)
        grey = draw_film(patient, layout, np.random.default_rng(number)).astype(np.float32)
        for one in instances(patient, layout):
            assert one.category in range(len(SIDES))
            knees.append((grey, layout.spacing_mm, one))
    return knees


def in_mm(outlines, mm):
    return {name: line * mm for name, line in outlines.items()}


def test_phantoms_are_measured_as_they_are_painted(phantoms):
    errors, plain = [], []
    for grey, mm, knee in phantoms:
        points = knee.landmarks[:, :2]
        seen = in_mm(bone_edges(grey, points, (mm, mm)), mm)
        for one in COMPARTMENTS:
            true = least_space(points * mm, one, in_mm(knee.outlines, mm))
            assert "from-landmarks" not in true.flags
            errors.append(least_space(points * mm, one, seen).value - true.value)
            plain.append(least_space(points * mm, one).value - true.value)
    # landmarks alone are exact here, and still see less of the bone than the image shows
    assert abs(np.mean(errors)) <= 0.1
    assert np.mean(np.abs(errors)) <= 0.12
    assert abs(np.mean(plain)) <= 0.35


def test_outlines_of_phantoms_hold_their_landmarks_and_lie_between_rims(phantoms):
    for _, mm, knee in phantoms:
        for name, names in JOINT_SURFACES.items():
            line = knee.outlines[name]
            for landmark in names:
                point = knee.landmarks[KNEE_LANDMARKS.index(landmark), :2]
                assert np.linalg.norm(line - point, axis=1).min() * mm <= 0.3
        points = knee.landmarks[:, :2] * mm
        # the least space is no larger than that at the landmarks, which lie within its span
        space = least_space(points, COMPARTMENTS[0], in_mm(knee.outlines, mm))
        assert space.value <= knee.extra["truth"]["medial_mm"] + 0.1
