import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import ABNORMAL, BLUR, NORMAL, block, case


def test_classes_of_matched_missed_and_spurious():
    true = [block(5, category=NORMAL), block(30, category=ABNORMAL), block(60, category=BLUR)]
    read = [block(5, category=NORMAL), block(30, category=NORMAL), block(90, category=ABNORMAL)]
    result = confusion(match_cases([case(true, read)], by_class=False))
    counts = np.array(result.counts)
    assert counts.shape == (6, 6)
    assert counts[NORMAL, NORMAL] == counts[ABNORMAL, NORMAL] == 1
    assert counts[BLUR, 5] == counts[5, ABNORMAL] == 1
    assert counts.sum() == 4
    assert result.matched == 2
    assert result.accuracy == pytest.approx(0.5)


def test_unknown_classes_are_left_out():
    result = confusion(match_cases([case([block(5, category=None)], [block(5)])], by_class=False))
    assert result.matched == 0
    assert result.accuracy is None


def test_readings_of_two_readers_are_refused():
    cases = [case((), (), 1), case((), (), 2, classes=("vessel",))]
    with pytest.raises(DataError, match="one reader"):
        confusion(match_cases(cases, by_class=False))
