import numpy as np
import pytest

from polyclinic.schema import LandmarkSchema
from polyclinic.schema.knee import KNEE_LANDMARKS
from polyclinic.systems.knee.figures import knee_figures
from tests.systems.knee.knees import LEFT, RIGHT, film, found, hidden, knee


def figures_of(*cases):
    return {one.name: one.metric(np.ones(len(cases)), None, None) for one in knee_figures(cases, 0)}


def only(name, mm):
    """A find of which one landmark is off."""
    shift = np.zeros((16, 2))
    shift[KNEE_LANDMARKS.index(name), 0] = mm / 0.5
    return found(RIGHT, shift)


def test_one_landmark_ten_mm_off_in_one_of_ten_knees():
    right = [film([knee()], [found()]) for _ in range(9)]
    for mm, share in ((10, 0.1), (9.5, 0)):
        figures = figures_of(*right, film([knee()], [only("tibia_3", mm)]))
        assert figures["knee_outliers_10mm"].value == share
        assert figures["knee_outliers_10mm"].cases == 10
        assert figures["knee_pck_2.5mm"].value == 159 / 160


def test_a_landmark_that_was_not_seen_is_near_nothing():
    figures = figures_of(film([knee()], [hidden(found(), "tibia_0")]))
    assert figures["knee_pck_2mm"].value == 15 / 16
    assert figures["knee_outliers_10mm"].value == 1
    assert figures["knee_tibia_0_error_median_mm"].value is None
    figures = figures_of(film([hidden(knee(), "tibia_0")], [hidden(found(), "tibia_0")]))
    assert figures["knee_pck_2mm"].value == 1
    assert figures["knee_tibia_0_pck_2mm"].value is None


def test_the_subsets_of_the_paper():
    figures = figures_of(film([knee()], [only("tibia_8", 2.2)]))
    tibia = [figures[f"knee_tibia_pck_{limit}mm"].value for limit in ("1", "1.5", "2", "2.5")]
    assert tibia == [0.5, 0.5, 0.5, 1]
    assert figures["knee_femur_pck_1mm"].value == 1
    assert figures["knee_tibia_pck_1mm"].cases == 2
    assert figures_of(film([knee()], [only("tibia_4", 5)]))["knee_tibia_pck_1mm"].value == 1


def test_each_landmark_by_name():
    figures = figures_of(film([knee()], [only("femur_2", 3)]), film([knee()], [found()]))
    assert figures["knee_femur_2_error_median_mm"].value == pytest.approx(1.5)
    assert figures["knee_femur_2_pck_2mm"].value == 0.5
    assert figures["knee_femur_3_pck_2mm"].value == 1
    named = [one for one in figures.values() if one.group == "knees by landmark"]
    assert len(named) == 32


def test_each_grade_of_the_annotated_knees():
    cases = [
        film(
            [knee(RIGHT, labels={"kl": 0}), knee(LEFT, labels={"kl": 4.0})],
            [found(RIGHT, (2, 0)), found(LEFT, (10, 0))],
        ),
        film([knee(RIGHT, labels={"kl": "4"}), knee(LEFT)], [found(LEFT, (50, 0))]),
    ]
    figures = figures_of(*cases)
    by_grade = {name: one.value for name, one in figures.items() if one.group == "knees by grade"}
    assert by_grade == pytest.approx(
        {
            "knee_kl0_error_median_mm": 1,
            "knee_kl0_pck_2mm": 1,
            "knee_kl4_error_median_mm": 5,
            "knee_kl4_pck_2mm": 0,
        }
    )
    assert figures["knee_kl4_pck_2mm"].cases == 32


def test_columns_go_by_the_names_of_the_schema():
    schema = LandmarkSchema(names=tuple(reversed(KNEE_LANDMARKS.names)))
    true, read = (
        knee(landmarks=one.landmarks[::-1], score=0.9) for one in (knee(), only("tibia_8", 3))
    )
    figures = figures_of(film([true], [read], landmark_schema=schema))
    assert figures["knee_tibia_8_error_median_mm"].value == pytest.approx(3)
    assert figures["knee_femur_6_error_median_mm"].value == 0
