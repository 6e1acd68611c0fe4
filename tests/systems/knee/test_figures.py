from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from polyclinic.metrics.judges import landmarks as judge
from polyclinic.sample import Spacing
from polyclinic.schema import LandmarkSchema
from polyclinic.systems.knee.figures import knee_figures
from tests.systems.knee.knees import (
    HALF_MM,
    LEFT,
    RIGHT,
    film,
    found,
    hidden,
    implant,
    knee,
    unread,
)

THIRD_MM = Spacing(row_mm=0.3, column_mm=0.4, origin="calibrated")

shifts = st.tuples(st.floats(-30, 30), st.floats(-30, 30))
grades = st.sampled_from([{}, {"kl": 0}, {"kl": 3}, {"kl": "3", "knee": "native"}])


@st.composite
def films(draw):
    true, read = [], []
    for side in (RIGHT, LEFT):
        kind = draw(st.sampled_from(["native", "native", "part", "implant", "absent"]))
        one = knee(side, labels=draw(grades))
        if kind == "part":
            one = hidden(one, "tibia_0", "femur_3")
        if kind != "absent":
            true.append(implant(side) if kind == "implant" else one)
        for score in draw(st.lists(st.sampled_from([0.2, 0.6, 0.8]), max_size=2, unique=True)):
            label = draw(st.sampled_from([{}, {"knee": "native"}, {"knee": "implant"}]))
            read.append(found(side, draw(shifts), score, labels=label))
    spacing = draw(st.sampled_from([HALF_MM, THIRD_MM, Spacing.unknown()]))
    case = film(draw(st.sampled_from([true, true, true, None])), read, spacing=spacing)
    return unread(case) if draw(st.integers(0, 9)) == 0 else case


def opened(cases):
    return any(reading.error is None for _, reading in cases)


def values(*cases, weights=None, accept=0.5):
    counted = np.ones(len(cases)) if weights is None else np.array(weights, float)
    figures = knee_figures(cases, accept)
    assert len({one.name for one in figures}) == len(figures)
    return {one.name: one.value(counted) for one in figures}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), films()), min_size=1, max_size=4))
def test_a_whole_weight_repeats_a_film(drawn):
    weights = [weight for weight, _ in drawn]
    cases = [case for _, case in drawn]
    repeated = [case for weight, case in drawn for _ in range(weight)]
    assume(opened(repeated))  # else nobody knows the classes
    whole, again = values(*cases, weights=weights), values(*repeated)
    for name, value in whole.items():
        expected = again.get(name)
        assert value == (expected and pytest.approx(expected, abs=1e-9)), name
    assert set(again) <= set(whole)
    for one in knee_figures(cases, 0.5):
        if one.by_case is not None:
            alone = one.weighted(np.eye(len(cases)))
            np.testing.assert_allclose(one.by_case, alone, atol=1e-9, err_msg=one.name)


@settings(max_examples=60, deadline=None)
@given(st.lists(films(), min_size=1, max_size=4))
def test_figures_are_those_of_all_distances_in_one_list(cases):
    assume(opened(cases))
    distances, outliers = [], []
    for sample, reading in cases:
        scale = (sample.spacing.column_mm, sample.spacing.row_mm)
        for true in sample.instances or ():
            if true.landmarks is None or not sample.spacing.known:
                continue
            read = [
                one
                for one in reading.instances or ()
                if one.category == true.category and one.score >= 0.5
            ]
            read = max(read, key=lambda one: one.score, default=None)
            mm = np.full(16, np.inf)
            if read is not None and read.labels.get("knee") != "implant":
                mm = np.linalg.norm((read.landmarks - true.landmarks)[:, :2] * scale, axis=1)
            mm = mm[true.landmarks[:, 2] > 0]
            distances.append(mm)
            outliers.append((mm >= 10).any())
    figures = values(*cases)
    if not distances:
        assert not [name for name in figures if "mm" in name]
        return
    mm = np.concatenate(distances)
    for limit in (1, 1.5, 2, 2.5):
        assert figures[f"knee_pck_{limit:g}mm"] == pytest.approx((mm <= limit).mean())
    assert figures["knee_outliers_10mm"] == pytest.approx(np.mean(outliers))
    known = mm[np.isfinite(mm)]
    if len(known):
        assert figures["knee_error_median_mm"] == pytest.approx(np.median(known))
        assert figures["knee_error_mean_mm"] == pytest.approx(known.mean())
        assert figures["knee_error_p95_mm"] == pytest.approx(np.percentile(known, 95))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(shifts, shifts), min_size=1, max_size=3))
def test_where_all_knees_are_hits_the_judge_of_landmarks_agrees(moves):
    cases = [
        film([knee(RIGHT), knee(LEFT)], [found(RIGHT, one), found(LEFT, other)])
        for one, other in (np.array(pair) / 3 for pair in moves)
    ]
    ours = values(*cases)
    judged = {one.name: one.value(np.ones(len(cases))) for one in judge.figures(cases, 0.5)}
    assert ours["knee_error_median_mm"] == pytest.approx(judged["landmark_error_median_mm"])
    for limit in (1, 1.5, 2, 2.5):
        assert ours[f"knee_pck_{limit:g}mm"] == judged[f"pck_{limit:g}mm"]


def test_a_knee_that_was_not_found_is_within_nothing_and_an_outlier():
    seen = values(film([knee(), knee(LEFT)], [found(), found(LEFT)]))
    assert (seen["knee_pck_1mm"], seen["knee_outliers_10mm"]) == (1, 0)
    for case in (
        film([knee(), knee(LEFT)], [found()]),
        film([knee(), knee(LEFT)], [found(), found(LEFT, score=0.4)]),
        film([knee(), knee(LEFT)], [found(), found(LEFT, labels={"knee": "implant"})]),
        film([knee(), knee(LEFT)], [found(), found(LEFT, labels={"knee": "absent"})]),
    ):
        missed = values(case)
        assert (missed["knee_pck_2.5mm"], missed["knee_outliers_10mm"]) == (0.5, 0.5)
        assert (missed["knee_error_mean_mm"], missed["native_knees_found"]) == (0, 0.5)


def test_a_find_far_off_counts_with_its_distance():
    far = values(film([knee()], [found(RIGHT, (300, 400))]))
    assert far["knee_error_median_mm"] == pytest.approx(250)
    assert (far["knee_outliers_10mm"], far["native_knees_found"]) == (1, 1)


def test_swapped_sides_are_wrong_by_the_distance_of_the_knees():
    right, left = found(RIGHT), found(LEFT)
    crossed = replace(right, category=LEFT), replace(left, category=RIGHT)
    case = film([knee(RIGHT), knee(LEFT)], crossed)
    assert values(case)["knee_error_mean_mm"] == pytest.approx(350)
    assert values(case)["knee_outliers_10mm"] == 1
    alone = values(film([knee(RIGHT)], [replace(right, category=LEFT)]))
    assert (alone["native_knees_found"], alone["absent_knees_found"]) == (0, 1)


def test_the_surest_find_of_a_side_is_the_one():
    case = film([knee()], [found(score=0.6), found(RIGHT, (20, 0), score=0.8)])
    assert values(case)["knee_error_mean_mm"] == pytest.approx(10)


def test_what_was_found_and_what_was_not_there():
    cases = [
        film([knee(RIGHT), implant(LEFT)], [found(RIGHT), implant(LEFT, score=0.9)]),
        film([knee(RIGHT), implant(LEFT)], [found(RIGHT), found(LEFT)]),
        film([knee(RIGHT)], [found(RIGHT), found(LEFT)]),
        film([knee(LEFT)], [implant(LEFT, score=0.9)]),
        film([], []),
        film(None, [found()]),
    ]
    figures = {one.name: one.metric(np.ones(6), None, None) for one in knee_figures(cases, 0.5)}
    for name, value, of in (
        ("native_knees_found", 3 / 4, 4),
        ("implants_recognised", 1 / 2, 2),
        ("absent_knees_found", 1 / 4, 4),
    ):
        assert (figures[name].value, figures[name].cases) == (value, of), name
        assert figures[name].group == "knees found"


def test_a_film_that_could_not_be_opened_is_missed():
    figures = values(film([knee()], [found()]), unread(film([knee()], [found()])))
    assert (figures["native_knees_found"], figures["knee_pck_1mm"]) == (0.5, 0.5)


def test_millimetres_need_a_scale():
    blind = film([knee()], [found()], spacing=Spacing.unknown())
    assert values(blind) == {"native_knees_found": 1, "absent_knees_found": 0}
    both = values(blind, film([knee()], [found(RIGHT, (2, 0))]))
    assert both["knee_error_mean_mm"] == pytest.approx(1)
    told = film([knee()], [found(RIGHT, (2, 0))], spacing=Spacing.unknown())
    told = told[0], replace(told[1], spacing=HALF_MM)
    assert values(told)["knee_error_mean_mm"] == pytest.approx(1)


def test_rows_and_columns_of_different_sizes():
    figures = values(film([knee()], [found(RIGHT, (10, 10))], spacing=THIRD_MM))
    assert figures["knee_error_mean_mm"] == pytest.approx(5)


def test_nothing_to_judge():
    assert knee_figures([], 0.5) == []
    assert values(film(None, [found()])) == {}
    assert values(film([knee()], None)) == {}
    assert values(unread(film([knee()], []))) == {}
    other = film([], [], classes=("loop",))
    assert values(other) == {}
    boxes = film([knee(landmarks=None)], [found(landmarks=None)], landmark_schema=None)
    assert values(boxes) == {"native_knees_found": 1, "absent_knees_found": 0}
    loops = film([], [], landmark_schema=LandmarkSchema(names=("tip",)))
    assert set(values(loops)) == {"absent_knees_found"}


def test_a_film_that_nobody_could_read_shows_no_absent_knee():
    cases = [film([knee(RIGHT)], [found(RIGHT)], 1), unread(film([knee(RIGHT)], [], 2))]
    absent = next(one for one in knee_figures(cases, 0.5) if one.name == "absent_knees_found")
    assert absent.value(np.ones(2)) == 0.5
