from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from monai.metrics import compute_froc_curve_data, compute_froc_score
from sklearn.metrics import precision_recall_curve

from polyclinic.metrics.case import score_of
from polyclinic.metrics.detect.finds import finds_of
from polyclinic.metrics.froc import RATES, froc_mean, froc_points, precision_at, sensitivities
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import block, case, row_of_blocks
from tests.metrics.detect.coco_oracle import case_lists

RECALLS = np.linspace(0, 1, 21)


def read_off(cases, weights=None):
    matched = match_cases(cases, min_score=0)
    finds = finds_of(matched, np.arange(len(matched)), len(matched))
    return precision_at(finds, np.ones(len(matched)) if weights is None else weights, RECALLS)


@settings(max_examples=60)
@given(case_lists())
def test_it_is_the_best_point_of_scikit_learn_at_a_recall_or_beyond(cases):
    """With each instance that was missed as one of a score below all."""
    matched = match_cases(cases, min_score=0)
    hits = [score_of(f) for one in matched for _, f in one.pairs]
    false = [score_of(one.case[1].instances[row]) for one in matched for row in one.match.spurious]
    missed = sum(len(one.match.missed) for one in matched)
    assume(hits or missed)
    label = np.array([1] * len(hits) + [0] * len(false) + [1] * missed)
    score = np.array([*hits, *false, *[-1.0] * missed])
    precision, recall, threshold = precision_recall_curve(label, score)
    kept = np.flatnonzero(threshold >= 0)
    expected = [
        max((precision[k] for k in kept if recall[k] >= r - 1e-12), default=0.0) for r in RECALLS
    ]
    np.testing.assert_allclose(read_off(cases), expected, atol=1e-12)


@settings(max_examples=60)
@given(case_lists(), st.data())
def test_a_case_that_is_not_drawn_is_as_if_it_were_not_there(cases, data):
    drawn = np.array(data.draw(st.lists(st.booleans(), min_size=len(cases), max_size=len(cases))))
    kept = [one for one, there in zip(cases, drawn, strict=True) if there]
    assume(len(match_cases(cases)) == len(cases))
    np.testing.assert_allclose(read_off(cases, drawn.astype(float)), read_off(kept))


def test_nothing_found_and_nothing_annotated():
    assert not read_off([case(row_of_blocks(), ())]).any()
    assert np.isnan(read_off([case((), row_of_blocks())])).all()


def pooled(cases):
    matched = match_cases(cases, min_score=0)
    return finds_of(matched, np.arange(len(cases)), len(cases))


def of_monai(cases):
    finds = pooled(cases)
    # MONAI leaves out its least score: CAMELYON's background.
    false = np.append(finds.score[~finds.hit], -1)
    curve = compute_froc_curve_data(
        false, finds.score[finds.hit], finds.annotated.sum(), len(cases)
    )
    return curve, compute_froc_score(*curve, tuple(RATES))


@settings(max_examples=80, deadline=None)
@given(case_lists())
def test_mean_and_curve_are_those_of_monai(cases):
    finds = pooled(cases)
    if not finds.annotated.sum():
        assert froc_mean(finds).value(np.ones(len(cases))) is None
        return
    (false, sensitivity), mean = of_monai(cases)
    assert froc_mean(finds).value(np.ones(len(cases))) == pytest.approx(mean, abs=1e-12)
    points = froc_points(match_cases(cases, min_score=0))
    np.testing.assert_allclose(points.false_per_image, false[::-1])
    np.testing.assert_allclose(points.sensitivity, sensitivity[::-1])


@settings(max_examples=60, deadline=None)
@given(case_lists(), st.data())
def test_a_weight_is_so_many_copies(cases, data):
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(cases), max_size=len(cases)))
    copies = [one for one, k in zip(cases, weights, strict=True) for _ in range(k)]
    weighted = sensitivities(pooled(cases), np.array([weights], float))[0]
    repeated = sensitivities(pooled(copies), np.ones((1, len(copies))))[0]
    np.testing.assert_allclose(weighted, repeated, atol=1e-12)


def test_known_curve():
    true = row_of_blocks(4)
    read = [block(5, score=0.9), block(150, score=0.8), block(25, score=0.7), block(170, score=0.7)]
    cases = [case(true, read, 1), case((), (), 2)]
    points = froc_points(match_cases(cases, min_score=0))
    assert points.score.tolist() == [np.inf, 0.9, 0.8, 0.7]
    assert points.false_per_image.tolist() == [0, 0, 0.5, 1]
    assert points.sensitivity.tolist() == [0, 0.25, 0.25, 0.5]
    found = sensitivities(pooled(cases), np.ones((1, 2)))[0]
    assert found == pytest.approx([0.25, 0.25, 0.25, 0.5, 0.5, 0.5, 0.5])


def test_cases_that_were_not_looked_at_do_not_count():
    cases = [case(None, (), 1), case(row_of_blocks(2), row_of_blocks(2), 2)]
    finds = finds_of(match_cases(cases, min_score=0), np.array([1]), 2)
    assert froc_mean(finds).value(np.ones(2)) == 1
    assert froc_mean(finds).value(np.array([1.0, 0])) is None
    assert froc_points([]).sensitivity.shape == (1,)


def test_images_that_nobody_could_read_allow_no_false_finds():
    read = [*row_of_blocks(2), block(100, score=0.3)]
    empty = case((), (), 2)
    lost = [
        (replace(empty[0], image_id=n), replace(empty[1], image_id=n, error="truncated"))
        for n in range(2, 9)
    ]
    cases = [case(row_of_blocks(2), read, 1)]
    (before, after) = (
        froc_mean(pooled(some)).value(np.ones(len(some))) for some in (cases, [*cases, *lost])
    )
    assert after == before
    points = froc_points(match_cases([*cases, *lost], min_score=0))
    assert points.false_per_image[-1] == 1
