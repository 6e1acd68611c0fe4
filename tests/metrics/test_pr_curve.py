import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sklearn.metrics import precision_recall_curve

from polyclinic.metrics.case import score_of
from polyclinic.metrics.detect.finds import finds_of
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pr_curve import precision_at
from tests.metrics.cases import case, row_of_blocks
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
