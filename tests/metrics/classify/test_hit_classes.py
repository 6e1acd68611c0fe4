from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.classify.hit_classes import hit_classes
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import ABNORMAL, block, case

SHARES = np.array([0.2, 0.1, 0.0, 0.5, 0.0])


def read(left, **known):
    return replace(block(left), score=0.9, probabilities=SHARES, **known)


def test_hits_alone_count_and_shares_add_up_to_one():
    cases = [
        case([block(5), block(40, category=ABNORMAL)], [read(5), read(90)], 1),
        case([block(5, category=None)], [read(5)], 2),
        case([block(5, category=ABNORMAL)], [read(5)], 3),
    ]
    found = hit_classes(match_cases(cases, by_class=False))
    assert found.rows.tolist() == [0, 2]
    assert found.true.tolist() == [0, ABNORMAL]
    assert found.probabilities.sum(1) == pytest.approx(1)
    assert found.probabilities[0, 3] == pytest.approx(0.625)


def test_nothing_where_no_probabilities_are_read():
    assert hit_classes(match_cases([case([block(5)], [block(5)])], by_class=False)) is None
    assert hit_classes([]) is None
