from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polyclinic.metrics.detect.coco_matches import coco_matches
from polyclinic.metrics.detect.objects import AREAS
from polyclinic.metrics.detect.precision import average_recall, mean_average_precision
from polyclinic.metrics.detect.ranked import ranked_classes
from tests.metrics.cases import case
from tests.metrics.detect.coco_oracle import (
    CLASSES,
    SCHEMA,
    case_lists,
    instance,
    mean,
    pycoco,
    untied,
    with_found,
)

KINDS = ("box", "mask", "landmarks")
OURS = {"": slice(None), "50": slice(0, 1), "75": slice(5, 6)}
COCO_AREAS = {kind: list(AREAS) for kind in ("box", "mask")} | {
    "landmarks": ["all", "medium", "large"]
}


def matches_of(cases, kind, **known):
    return coco_matches(cases, kind, len(CLASSES), SCHEMA, **known)


def precision_of(cases, kind, weights=None, **known):
    classes = ranked_classes(matches_of(cases, kind, **known)).values()
    every = np.ones((1, len(cases))) if weights is None else np.array([weights], float)
    return mean_average_precision(classes, every)[0]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=60, deadline=None)
@given(cases=case_lists())
def test_precision_is_that_of_pycocotools(kind, cases):
    precision, _ = pycoco(cases, kind)
    matches, once = matches_of(cases, kind), np.ones((1, len(cases)))
    for place, area in enumerate(COCO_AREAS[kind]):
        for at, thresholds in OURS.items():
            expected = mean(precision[thresholds, :, :, place, -1])
            classes = ranked_classes(matches, area=area, at=at).values()
            found = mean_average_precision(classes, once)[0]
            assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(cases=case_lists())
def test_recall_is_that_of_pycocotools(kind, cases):
    _, recall = pycoco(cases, kind)
    matches, once = matches_of(cases, kind), np.ones((1, len(cases)))
    for place, most in enumerate((1, 10, 100)):
        expected = mean(recall[:, :, 0, place])
        found = average_recall(matches, most)(once)[0]
        assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(cases=case_lists(), data=st.data())
def test_a_weight_is_so_many_copies(kind, cases, data):
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(cases), max_size=len(cases)))
    copies = [one for one, k in zip(untied(cases), weights, strict=True) for _ in range(k)]
    copies = [with_found(one, one[1].instances) for one in copies]
    expected = mean(pycoco(copies, kind)[0][..., 0, -1]) if copies else np.nan
    found = precision_of(cases, kind, weights)
    assert found == pytest.approx(expected, abs=1e-9, nan_ok=True)
    if copies:
        recall = average_recall(matches_of(cases, kind), 10)(np.array([weights], float))[0]
        assert recall == pytest.approx(
            mean(pycoco(copies, kind)[1][:, :, 0, 1]), abs=1e-9, nan_ok=True
        )


def crowded(count):
    """More finds in one image and class than count."""
    points = np.array([[0, 0, 2], [0, 9, 2], [9, 0, 2]], float)
    found = tuple(
        instance(4 * (n % 30), 4 * (n // 30), 8, 8, points, category=n % 2, score=(n % 7) / 10)
        for n in range(count)
    )
    true = tuple(replace(one, score=None) for one in found[::3])
    return [with_found(case(true, ()), found)]


def test_the_limit_of_coco_is_that_of_another_library_and_only_where_asked():
    cases = crowded(240)
    for kind in KINDS:
        expected = mean(pycoco(cases, kind)[0][..., 0, -1])
        assert precision_of(cases, kind, most=100) == pytest.approx(expected, abs=1e-9)
        assert precision_of(cases, kind) >= expected
    assert precision_of(cases, "box") > mean(pycoco(cases, "box")[0][..., 0, -1])


def test_many_weights_are_one_by_one():
    random = np.random.default_rng(0)
    cases = crowded(60) + crowded(90) + crowded(30)
    weights = random.integers(0, 3, (50, 3)).astype(float)
    classes = ranked_classes(matches_of(cases, "mask")).values()
    together = mean_average_precision(classes, weights)
    alone = [mean_average_precision(classes, row[None])[0] for row in weights]
    np.testing.assert_allclose(together, alone, rtol=1e-12)
    assert np.isnan(mean_average_precision(classes, np.zeros((1, 3))))[0]
