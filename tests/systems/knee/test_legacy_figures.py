import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.systems.knee.figures import knee_figures
from tests.systems.knee.knees import RIGHT, film, found, hidden, knee

LIMITS = (1, 1.5, 2, 2.5)
TIBIA, FEMUR = (0, 8), (9, 15)

distances = st.lists(
    st.tuples(*[st.integers(0, 8).map(lambda half: half / 2)] * 4), min_size=1, max_size=6
)


def moved(tibia_0, tibia_8, femur_0, femur_6):
    """A find whose four edges are off by some mm."""
    shift = np.zeros((16, 2))
    shift[[*TIBIA, *FEMUR], 1] = np.array([tibia_0, tibia_8, femur_0, femur_6]) / 0.5
    return found(RIGHT, shift)


def legacy(*cases):
    counted = np.ones(len(cases))
    figures = knee_figures(cases, 0.5)
    return {one.name: one.value(counted) for one in figures if one.group == "as published"}


@given(distances)
def test_a_cell_is_mean_and_sample_deviation_of_two_columns(rows):
    figures = legacy(*(film([knee()], [moved(*row)]) for row in rows))
    mm = np.array(rows, float)
    columns = np.stack([mm[:, :2].mean(1), mm[:, 2:].mean(1)], 1)
    for limit in LIMITS:
        recalls = (columns <= limit).mean(0)
        assert figures[f"legacy_recall_{limit:g}mm"] == pytest.approx(recalls.mean())
        spread = figures[f"legacy_recall_{limit:g}mm_spread"]
        assert spread == pytest.approx(np.std(recalls, ddof=1))
        assert spread == pytest.approx(abs(recalls[0] - recalls[1]) / np.sqrt(2))


def test_an_error_may_hide_in_the_mean_of_a_knee():
    figures = legacy(film([knee()], [moved(3, 0, 0, 0)]))
    assert figures["legacy_recall_1.5mm"] == 1
    assert (figures["legacy_recall_1mm"], figures["legacy_recall_1mm_spread"]) == (
        0.5,
        pytest.approx(1 / np.sqrt(2)),
    )


def test_a_missed_knee_is_beyond_every_distance():
    figures = legacy(film([knee()], [moved(0, 0, 0, 0)]), film([knee()], []))
    assert (figures["legacy_recall_2.5mm"], figures["legacy_recall_2.5mm_spread"]) == (0.5, 0)


def test_knees_without_an_edge_do_not_count_in_its_column():
    whole, part = film([knee()], [moved(0, 0, 9, 9)]), film([hidden(knee(), "femur_0")], [found()])
    assert legacy(whole, part)["legacy_recall_1mm"] == 0.5
    assert legacy(part)["legacy_recall_1mm"] is None
