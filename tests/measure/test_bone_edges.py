"""Edges of bones in drawn images with known spaces, and in phantoms with known outlines."""

import cv2
import numpy as np
import pytest

from polyclinic.measure.bone_edges import bone_edges
from polyclinic.measure.joint_space import COMPARTMENTS, least_space
from polyclinic.phantoms.knee.config import KneePhantomConfig
from polyclinic.phantoms.knee.film import draw_film
from polyclinic.phantoms.knee.patient import SIDES
from polyclinic.phantoms.knee.truth import instances
from polyclinic.schema.knee import JOINT_SURFACES, KNEE_LANDMARKS
from tests.phantoms.knee.people import layout_of, patient_of

PIXEL_MM = 0.2
FINE = KneePhantomConfig(spacing_mm=(0.22, 0.3), off_centre=0)
SIZE = (400, 560)


def bone_ends(gap_mm):
    """(x, height of femur, height of tibia) in pixels: a flat plateau under two round condyles."""
    x = np.arange(SIZE[1], dtype=float)
    tibia = np.full_like(x, 260.0)
    tibia -= 30 * np.exp(-(((x - 280) / 18) ** 2))  # the spines
    middles, radius = np.array([180.0, 380.0]), 150.0
    reach = np.abs(x[:, None] - middles).min(1)
    femur = 260 - gap_mm / PIXEL_MM - (radius - np.sqrt(np.maximum(radius**2 - reach**2, 0)))
    return x, femur, tibia


def drawn(gap_mm, *, noise=40.0, seed=0):
    """A 12-bit image of two bones with so many mm between them, and its 16 landmarks."""
    x, femur, tibia = bone_ends(gap_mm)
    rows = np.arange(SIZE[0])[:, None]
    edge = np.clip(femur - rows + 0.5, 0, 1) + np.clip(rows - tibia + 0.5, 0, 1)
    outside = (x < 80) | (x > 480)
    grey = 900 + 900 * np.where(outside, 0, edge)
    grey = cv2.GaussianBlur(grey, (0, 0), 1.0)
    grey += np.random.default_rng(seed).normal(0, noise, SIZE)
    at = {
        "tibia": np.array([80, 140, 200, 262, 280, 298, 350, 420, 480]),
        "femur": np.array([82, 140, 230, 280, 330, 420, 478]),
    }
    points = np.concatenate(
        [np.column_stack([at[bone], line[at[bone]]]) for bone, line in
         (("tibia", tibia), ("femur", femur))]
    )  # fmt: skip
    return grey.clip(0, 4095).astype(np.uint16), points


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
