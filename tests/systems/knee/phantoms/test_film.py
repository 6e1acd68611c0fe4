from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from polyclinic.geometry import Homography, warp_image
from polyclinic.systems.knee.phantoms.film import draw_film
from polyclinic.systems.knee.phantoms.outline import femur_outline, tibia_outline
from polyclinic.systems.knee.phantoms.paint import fill
from polyclinic.systems.knee.phantoms.truth import instances
from tests.systems.knee.phantoms.people import layout_of, patient_of

# Points on long smooth edges, and whether the bone lies below them.
PLAIN = {1: True, 2: True, 6: True, 7: True, 10: False, 14: False}
REACH = np.arange(-6, 6.01, 0.1)


@pytest.fixture(scope="module")
def films():
    """(grey, layout, knees) of some films of healthy knees."""
    drawn = []
    for number in range(5):
        person, layout = patient_of(number, 0), layout_of(number)
        grey = draw_film(person, layout, np.random.default_rng((3, number)))
        drawn.append((grey, layout, instances(person, layout)))
    return drawn


def normal_at(landmarks, index):
    """Unit normal of the edge at a landmark, towards the bone."""
    first, last = (9, 15) if index >= 9 else (0, 8)
    before, after = max(index - 1, first), min(index + 1, last)
    tangent = landmarks[after, :2] - landmarks[before, :2]
    normal = np.array([-tangent[1], tangent[0]]) / np.hypot(*tangent)
    return normal * np.sign(normal[1]) * (1 if PLAIN[index] else -1)


def edge_offset(grey, landmarks, index):
    """Where along the normal the grey rises most, in px; averaged along the edge."""
    normal = normal_at(landmarks, index)
    tangent = np.array([-normal[1], normal[0]])
    along = np.arange(-1.5, 1.6, 0.5)
    points = landmarks[index, :2] + REACH[:, None, None] * normal + along[:, None] * tangent
    profile = map_coordinates(grey, points[..., ::-1].reshape(-1, 2).T, order=1)
    profile = profile.reshape(len(REACH), -1).mean(1)
    smooth = np.convolve(profile, np.ones(9) / 9, "same")
    rise = np.gradient(smooth)[8:-8]
    return REACH[8:-8][np.argmax(rise)]


def test_the_edge_of_the_bone_is_where_the_truth_says(films):
    offsets = [
        edge_offset(grey, knee.landmarks, index)
        for grey, _, knees in films
        for knee in knees
        for index in PLAIN
    ]
    assert abs(np.median(offsets)) < 0.5
    assert np.mean(np.abs(offsets) < 1.0) > 0.85


def test_the_edge_stays_at_the_landmark_when_film_and_points_move(films):
    """As a recipe looks: a mirrored square around the knee."""
    offsets = []
    for grey, _, knees in films:
        for knee in knees:
            x, y = knee.landmarks[4, :2]
            move = Homography.mirror(350) @ Homography.about(
                (x, y), degrees=7, shift=(175 - x, 175 - y)
            )
            view = warp_image(grey.astype(np.float32), move, (350, 350))
            moved = knee.landmarks.copy()
            moved[:, :2] = move.points(knee.landmarks[:, :2])
            offsets += [edge_offset(view, moved, index) for index in PLAIN]
    assert abs(np.median(offsets)) < 0.5
    assert np.mean(np.abs(offsets) < 1.0) > 0.85


def test_painted_bones_are_half_covered_at_their_landmarks():
    layout, knee = layout_of(1), patient_of(1, 0).knees[0]
    leg = layout.legs[0]
    landmarks = leg.to_film.points(knee.shape.landmarks)
    for index, below in PLAIN.items():
        outline = tibia_outline(knee.shape) if below else femur_outline(knee.shape, knee.valgus)
        patch = fill(leg.to_film.points(outline), layout.size)
        points = landmarks[index] + REACH[:, None] * normal_at(landmarks, index)
        rows, columns = points[:, 1] - patch.top, points[:, 0] - patch.left
        covered = map_coordinates(patch.coverage, np.stack([rows, columns]), order=1)
        assert abs(np.interp(0.5, covered, REACH)) < 0.3


def test_the_joint_is_darker_than_the_bones(films):
    for grey, _, knees in films:
        for knee in knees:
            gap = (knee.landmarks[1, :2] + knee.landmarks[10, :2]) / 2
            deep = 5 / 0.45 * normal_at(knee.landmarks, 1)
            places = np.stack([gap, knee.landmarks[1, :2] + deep]).round().astype(int)
            in_gap, in_bone = (grey[y - 2 : y + 3, x - 2 : x + 3].mean() for x, y in places)
            assert in_gap < in_bone


def test_the_fibula_is_seen_on_the_outer_side(films):
    """Beside the shaft of the tibia there is bone laterally and none medially."""
    for grey, layout, _ in films:
        for leg in layout.legs:
            heights = np.linspace(35, 60, 30)
            brightness = []
            for sign in (-1, 1):
                across = sign * np.linspace(33, 50, 30)
                mm = np.stack(np.meshgrid(across, heights), -1).reshape(-1, 2)
                points = leg.to_film.points(mm)
                brightness.append(map_coordinates(grey, points[:, ::-1].T, order=1).max())
            assert brightness[0] > brightness[1]


def test_metal_is_the_brightest_thing():
    person, layout = patient_of(2, implants=1.0), layout_of(2)
    grey = draw_film(person, layout, np.random.default_rng(0))
    for knee in instances(person, layout):
        assert knee.landmarks is None
        assert knee.labels == {"knee": "implant"}
        x1, y1, x2, y2 = knee.box.round().astype(int)
        assert (grey[y1:y2, x1:x2] > 0.98 * grey.max()).mean() > 0.08


def test_films_are_grey_between_black_and_white(films):
    for grey, layout, _ in films:
        assert grey.shape == layout.size
        assert grey.min() >= 0
        assert grey.max() <= 1
        assert 0.1 < grey.mean() < 0.8
        assert grey.std() > 0.1
