from __future__ import annotations

import numpy as np
import pytest

from polyclinic.systems.knee.phantoms.outline import femur_outline, fibula_outline, tibia_outline
from polyclinic.systems.knee.phantoms.shape import GRADES, MEAN_FEMUR, MEAN_TIBIA
from polyclinic.systems.knee.phantoms.truth import instances
from tests.systems.knee.phantoms.people import layout_of, patient_of

TIBIA_7, FEMUR_5, TIBIA_1, FEMUR_1 = 7, 9 + 5, 1, 9 + 1


def knees(count):
    """Native knees of `count` patients, grades dealt evenly."""
    people = (patient_of(number, GRADES[number % 5]) for number in range(count))
    return [knee for person in people for knee in person.knees]


@pytest.fixture(scope="module")
def many():
    return knees(250)


def test_the_medial_joint_space_narrows_by_grade_as_in_the_published_annotations(many):
    for grade, expected in zip(GRADES, (4.86, 4.81, 4.70, 3.50, 2.57), strict=True):
        gaps = [
            knee.shape.landmarks[TIBIA_7, 1] - knee.shape.landmarks[FEMUR_5, 1]
            for knee in many
            if knee.disease.grade == grade
        ]
        assert np.mean(gaps) == pytest.approx(expected, abs=0.35)
        assert min(gaps) > 0


def test_the_lateral_joint_space_stays_wide_on_average(many):
    for grade, expected in zip(GRADES, (5.81, 6.12, 5.87, 5.68, 5.47), strict=True):
        gaps = [
            knee.shape.landmarks[TIBIA_1, 1] - knee.shape.landmarks[FEMUR_1, 1]
            for knee in many
            if knee.disease.grade == grade
        ]
        assert np.mean(gaps) == pytest.approx(expected, abs=0.45)


def test_gaps_on_films_are_those_of_the_knees():
    """Sixty annotated knees, in mm of the film's spacing, against what was asked for."""
    by_grade = {grade: [] for grade in GRADES}
    for number in range(30):
        person, layout = patient_of(number, GRADES[number % 5]), layout_of(number)
        for one in instances(person, layout):
            gap = one.landmarks[TIBIA_7, 1] - one.landmarks[FEMUR_5, 1]
            by_grade[one.labels["kl"]].append(gap * layout.spacing_mm)
            assert by_grade[one.labels["kl"]][-1] == pytest.approx(
                one.extra["truth"]["medial_mm"], abs=0.5
            )
    early = np.mean([gap for grade in (0, 1, 2) for gap in by_grade[grade]])
    assert early == pytest.approx(4.8, abs=0.35)
    assert np.mean(by_grade[4]) < np.mean(by_grade[3]) + 0.2 < early


def test_shapes_vary_as_much_as_the_published_annotations(many):
    healthy = np.array([k.shape.landmarks for k in many if k.disease.grade < 2])
    spread_px = healthy.std(0) / 0.3
    assert 3 < spread_px.mean() < 12
    assert spread_px.min() > 1.5
    assert spread_px.max() < 15
    mean = np.concatenate([MEAN_TIBIA, MEAN_FEMUR])
    assert np.abs(healthy.mean(0) - mean).max() < 2.0
    widths = [k.shape.tibia_bare[8, 0] - k.shape.tibia_bare[0, 0] for k in many]
    assert min(widths) >= 68 - 1e-9
    assert max(widths) <= 90 + 1e-9


def test_osteophytes_grow_with_the_grade_and_carry_the_landmark(many):
    lengths = [
        np.mean([k.disease.lips_mm.mean() for k in many if k.disease.grade == grade])
        for grade in GRADES
    ]
    assert lengths == sorted(lengths)
    assert lengths[0] == 0
    for knee in many[:40]:
        shape, lips = knee.shape, knee.disease.lips_mm
        assert shape.tibia_bare[0, 0] - shape.tibia[0, 0] == pytest.approx(lips[0])
        assert shape.tibia[8, 0] - shape.tibia_bare[8, 0] == pytest.approx(lips[1])
        assert shape.tibia[8, 1] > shape.femur[6, 1]


def test_a_fifth_of_worn_knees_lose_the_lateral_side(many):
    assert np.mean([k.disease.worn == "lateral" for k in many]) == pytest.approx(0.2, abs=0.06)


def test_both_knees_of_a_patient_are_alike():
    pairs = [patient_of(number, GRADES[number % 5]).knees for number in range(150)]
    grades = np.array([[knee.disease.grade for knee in pair] for pair in pairs])
    assert np.abs(np.diff(grades, axis=1)).max() == 1
    sizes = np.array([[knee.shape.size for knee in pair] for pair in pairs])
    assert np.corrcoef(sizes.T)[0, 1] > 0.7
    assert (sizes[:, 0] != sizes[:, 1]).any()


def test_outlines_pass_through_every_landmark(many):
    for knee in many[:30]:
        shape = knee.shape
        for outline, points in (
            (tibia_outline(shape), shape.tibia),
            (femur_outline(shape, knee.valgus), shape.femur),
        ):
            away = np.linalg.norm(outline[:, None] - points, axis=-1).min(0)
            assert away.max() < 1e-6


def test_the_fibula_is_lateral(many):
    for knee in many[:30]:
        fibula = fibula_outline(knee.shape, knee.fibula_mm)
        assert fibula[:, 0].mean() < knee.shape.tibia[0, 0] + 15
        assert fibula[:, 1].min() > knee.shape.tibia[0, 1]
