from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.only_object import only_object, only_object_figures
from polyclinic.reading import Reading
from polyclinic.sample import Instance, Sample
from polyclinic.schema import LandmarkSchema

SCHEMA = LandmarkSchema(names=("a", "b"))
SIZE = (80, 100)


def one(*points, box=(0, 0, 50, 40), visible=(2, 2), score=None):
    landmarks = np.column_stack([np.array(points, float), visible])
    return Instance(box=np.array(box, float), category=0, landmarks=landmarks, score=score)


def case(number, true, *found):
    sample = Sample(image_id=number, size=SIZE, instances=None if true is None else (true,))
    return sample, Reading(
        image_id=number, size=SIZE, classes=("x",), landmark_schema=SCHEMA, instances=found
    )


TRUE = one((10, 10), (40, 30))
FAR = one((13, 14), (40, 30), box=(70, 70, 75, 75), score=0.2)
CASES = [
    case(0, TRUE, FAR, one((0, 0), (0, 0), score=0.1)),
    case(1, None, FAR),
    case(2, TRUE),
    case(3, one((10, 10), (0, 0), visible=(1, 0)), replace(FAR, score=0.9)),
]


def values(weights, cases=CASES):
    found = only_object_figures(cases)
    return {figure.name: figure.weighted(np.array([weights], float))[0] for figure in found}


def test_distances_ask_for_no_box():
    found = values([1, 1, 1, 1])
    assert found["only_object_error_mean"] == pytest.approx((5 + 0 + 5) / 3)
    assert found["only_object_error_median"] == 5
    near = np.exp(-25 / (2 * 0.01 * 2000 * 0.53))
    assert values([1, 0, 0, 0])["only_object_oks"] == pytest.approx((near + 1) / 2, abs=0.02)
    assert values([0, 0, 1, 0])["only_object_oks"] == 0
    assert np.isnan(values([0, 0, 1, 0])["only_object_error_mean"])
    assert np.isnan(values([0, 1, 0, 0])["only_object_oks"])


@given(st.lists(st.integers(0, 3), min_size=4, max_size=4))
def test_a_weight_is_that_many_copies(weights):
    copies = [c for c, k in zip(CASES, weights, strict=True) for _ in range(k)]
    repeated = values([1] * len(copies), copies)
    for name, value in values(weights).items():
        np.testing.assert_allclose(repeated.get(name, np.nan), value)


def test_nothing_annotated_is_no_figure():
    assert only_object_figures([CASES[1]]) == []
    assert only_object_figures([]) == []


def test_the_largest_object_with_landmarks_is_the_one():
    bare = Instance(box=np.array([0.0, 0, 90, 70]))
    assert only_object((bare, FAR, TRUE)) is TRUE
    assert only_object((bare,)) is None
    assert only_object((replace(TRUE, crowd=True), FAR)) is FAR
