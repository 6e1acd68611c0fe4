from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from polyclinic.metrics.judges import judge_kinds
from polyclinic.recipes.judge import best_threshold, figure_value
from tests.metrics.cases import block, case

STEPS = np.round(np.arange(0.1, 0.95, 0.05), 2)
found = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 100)), max_size=8)


def images(drawn):
    """Five annotated blocks an image; finds at ten places, so half of the places are wrong."""
    true = [block(5 + 20 * i) for i in range(5)]
    return [
        case(true, [replace(block(5 + 20 * p), score=s / 100) for p, s in finds], image)
        for image, finds in enumerate(drawn)
    ]


def f1(cases, accept):
    return figure_value(judge_kinds(cases, accept), "instance_f1", len(cases)) or 0.0


@given(st.lists(found, min_size=1, max_size=4))
def test_no_other_threshold_has_a_better_f1(drawn):
    cases = images(drawn)
    scores = [f1(cases, step) for step in STEPS]
    chosen = best_threshold(cases, fallback=0.5)
    assert f1(cases, chosen) == pytest.approx(max(scores), abs=1e-9)


def test_the_middle_of_equals_is_taken():
    assert best_threshold(images([[(0, 60), (7, 20)]])) == pytest.approx(0.4, abs=0.06)


def test_without_a_hit_there_is_nothing_to_choose_by():
    assert best_threshold(images([[(8, 90)]]), fallback=0.3) == 0.3
    assert best_threshold([], fallback=0.3) == 0.3
