from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from polyclinic.metrics.judges.landmarks import figures, in_length
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.radial_error import radial_errors
from polyclinic.sample import Spacing
from polyclinic.schema import LandmarkSchema
from tests.metrics.cases import block, case
from tests.metrics.detect.coco_oracle import untied

SCHEMA = LandmarkSchema(names=("tip", "heel", "side"), sigmas=(0.05, 0.1, 0.2))
COARSE = Spacing.square(0.5, "calibrated")
FINE = Spacing.square(0.001, "calibrated")
TRUE = np.array([(10, 10, 2), (20, 10, 1), (0, 0, 0)], float)
SHARES = ("pck_2px", "pck_4px", "pck_8px")

points = st.none() | st.tuples(
    arrays(float, (3, 2), elements=st.floats(0, 60)),
    arrays(float, (3, 1), elements=st.sampled_from([0.0, 1.0, 2.0])),
).map(lambda pair: np.concatenate(pair, 1))
spacings = st.sampled_from(
    [Spacing.unknown(), COARSE, Spacing(row_mm=1, column_mm=3, origin="assumed")]
)


@st.composite
def drawn_cases(draw):
    count = draw(st.integers(1, 2))
    true = [block(10 + 30 * i, landmarks=draw(points)) for i in range(count)]
    read = [
        replace(one, landmarks=draw(points), score=draw(st.sampled_from([0.3, 0.7, 0.9])))
        for one in true[: draw(st.integers(0, count))]
    ]
    known = {"spacing": draw(spacings), "landmark_schema": SCHEMA, "image": draw(st.integers(0, 9))}
    return case(draw(st.sampled_from([true, true, true, None])), read, **known)


def pair(true, read, **known):
    known = {"landmark_schema": SCHEMA, **known}
    found = [] if read is False else [block(50, landmarks=read, score=0.9)]
    return case([block(50, landmarks=true)], found, **known)


def values(*cases, weights=None):
    counted = np.ones(len(cases)) if weights is None else weights
    return {one.name: one.value(counted) for one in figures(cases, 0.5)}


def moved(x, y):
    return TRUE + np.array([x, y, 0])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), drawn_cases()), min_size=1, max_size=4))
def test_a_whole_weight_repeats_a_case(drawn):
    weights = np.array([weight for weight, _ in drawn], float)
    cases = untied([one for _, one in drawn])
    repeated = [one for (weight, _), one in zip(drawn, cases, strict=True) for _ in range(weight)]
    found, again = values(*cases, weights=weights), values(*repeated)
    for name, value in again.items():
        assert found[name] == pytest.approx(value, abs=1e-9), name
    for one in figures(cases, 0.5):
        if one.by_case is not None:
            alone = one.weighted(np.eye(len(cases)))
            np.testing.assert_allclose(one.by_case, alone, atol=1e-9, err_msg=one.name)


@settings(max_examples=60, deadline=None)
@given(st.lists(drawn_cases(), min_size=1, max_size=4))
def test_figures_are_those_of_all_distances_in_one_list(cases):
    found = values(*cases)
    px, mm, asked = [], [], 0
    for sample, reading in cases:
        read = [one for one in reading.instances if one.score >= 0.5]
        for true in sample.instances or ():
            partner = next((one for one in read if (one.box == true.box).all()), None)
            if true.landmarks is None:
                continue
            for row in np.flatnonzero(true.landmarks[:, 2] > 0):
                asked += 1
                seen = partner is not None and partner.landmarks is not None
                seen = seen and partner.landmarks[row, 2] > 0
                step = (partner.landmarks - true.landmarks)[row, :2] if seen else np.full(2, np.nan)
                scale = sample.spacing
                px.append(np.hypot(*step))
                if scale.known:
                    mm.append(np.hypot(step[0] * scale.column_mm, step[1] * scale.row_mm))
    if not asked:
        assert not found
        return
    px, mm = np.array(px), np.array(mm)
    known, known_mm = px[np.isfinite(px)], mm[np.isfinite(mm)]
    assert found["landmarks_found"] == pytest.approx(len(known) / asked)
    if len(known):
        assert found["landmark_error_median"] == pytest.approx(np.median(known))
        assert found["landmark_error_mean"] == pytest.approx(known.mean())
        assert found["landmark_error_p95"] == pytest.approx(np.percentile(known, 95))
    for limit in (2, 4, 8) if len(px) else ():
        assert found[f"pck_{limit}px"] == pytest.approx((px <= limit).mean())
    if len(known_mm):
        assert found["landmark_error_median_mm"] == pytest.approx(np.median(known_mm))
    for limit in (1, 1.5, 2, 2.5, 4) if len(mm) else ():
        assert found[f"pck_{limit:g}mm"] == pytest.approx((mm <= limit).mean())
    if len(mm):
        assert found["landmark_outliers_10mm"] == pytest.approx(1 - (mm <= 10).mean())


def test_a_known_move_in_mm():
    found = values(pair(TRUE, moved(3, 4), spacing=COARSE))
    assert found["landmark_error_median"] == pytest.approx(5)
    assert found["landmark_error_median_mm"] == pytest.approx(2.5)
    assert (found["pck_2mm"], found["pck_2.5mm"]) == (0, 1)
    assert [found[name] for name in SHARES] == [0, 0, 1]
    # Area 200: exp(-25 / (2 * 200 * (2 sigma)^2)) for sigma 0.05 and 0.1.
    expected = (np.exp(-25 / 4) + np.exp(-25 / 16)) / 2
    assert found["landmark_oks"] == pytest.approx(expected)


def test_fine_pixels_are_told_in_micrometres_and_have_no_rates_in_mm():
    found = values(pair(TRUE, moved(3, 4), spacing=FINE))
    assert found["landmark_error_median_um"] == pytest.approx(5)
    assert not [name for name in found if name.endswith("mm")]


def test_without_a_scale_nothing_is_told_in_lengths():
    assert not [name for name in values(pair(TRUE, TRUE)) if name.endswith(("mm", "um"))]


@pytest.mark.parametrize(
    ("spacings", "unit", "length"),
    [([COARSE], "mm", 2.5), ([FINE], "µm", 5.0), ([COARSE, Spacing.unknown()], "px", 5.0)],
)
def test_curves_are_drawn_in_lengths_where_all_scales_are_known(spacings, unit, length):
    cases = [pair(TRUE, moved(3, 4), spacing=one) for one in spacings]
    errors = radial_errors(match_cases(cases, min_score=0.5), SCHEMA)
    distances, named = in_length(cases, errors)
    assert named == unit
    np.testing.assert_allclose(distances[errors.labelled], length)


def test_a_missing_landmark_is_an_outlier_and_far():
    unseen = TRUE * (1, 1, 0)
    found = values(pair(TRUE, unseen, spacing=COARSE))
    assert found["landmark_outliers_10mm"] == 1
    assert found["pck_8px"] == found["landmarks_found"] == found["landmark_oks"] == 0
    assert found["landmark_error_median"] is None


def test_a_missed_instance_counts_where_all_annotated_landmarks_do():
    found = values(pair(TRUE, TRUE), pair(TRUE, False))
    assert found["landmarks_found"] == found["pck_2px"] == found["landmark_oks"] == 0.5
    assert found["landmark_error_median"] == 0
    cases = [pair(TRUE, TRUE), pair(TRUE, False)]
    told = {one.name: one.metric(np.ones(2), None, None) for one in figures(cases, 0.5)}
    assert told["landmark_error_median"].left_out == (TRUE[:, 2] > 0).sum()
    assert told["landmark_oks"].setting.startswith("sigma ")


def test_without_landmarks_there_is_nothing_to_judge():
    assert values(pair(None, TRUE)) == values(pair(TRUE * 0, TRUE)) == {}
    assert values(pair(TRUE, None, landmark_schema=None)) == {}
    assert figures([], 0.5) == []


def test_the_mean_layout_is_the_baseline():
    cases = [pair(TRUE, TRUE), pair(moved(2, 0), TRUE)]
    by_name = {one.name: one.metric(np.ones(2), None, None) for one in figures(cases, 0.5)}
    assert by_name["landmark_error_median"].baseline == pytest.approx(1)
    assert by_name["pck_2px"].baseline == 1
    assert by_name["landmark_error_median_tip"].cases == 2
