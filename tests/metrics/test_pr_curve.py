import numpy as np
from hypothesis import assume, given, settings
from sklearn.metrics import precision_recall_curve

from polyclinic.metrics.case import score_of
from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.pr_curve import pr_points_of_matches
from tests.metrics.cases import case, row_of_blocks
from tests.metrics.detect.coco_oracle import case_lists


@settings(max_examples=60, deadline=None)
@given(case_lists())
def test_points_are_those_of_scikit_learn(cases):
    """With each instance that was missed as one of a score below all."""
    matched = match_cases(cases, min_score=0)
    hits = [score_of(f) for one in matched for _, f in one.pairs]
    false = [score_of(one.case[1].instances[row]) for one in matched for row in one.match.spurious]
    missed = sum(len(one.match.missed) for one in matched)
    assume(hits or missed)
    label = np.array([1] * len(hits) + [0] * len(false) + [1] * missed)
    score = np.array([*hits, *false, *[-1.0] * missed])
    precision, recall, threshold = precision_recall_curve(label, score)
    kept = threshold >= 0
    points = pr_points_of_matches(matched)
    np.testing.assert_allclose(points.score, threshold[kept][::-1])
    np.testing.assert_allclose(points.precision, precision[:-1][kept][::-1])
    np.testing.assert_allclose(points.recall, recall[:-1][kept][::-1])


def test_nothing_found_and_nothing_annotated():
    assert len(pr_points_of_matches(match_cases([case(row_of_blocks(), ())])).score) == 0
    nothing = pr_points_of_matches(match_cases([case((), row_of_blocks())], min_score=0))
    assert np.isnan(nothing.recall).all()
    assert nothing.precision.tolist() == [0]
