import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.confusion import confusion
from polyclinic.metrics.detection import detection
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import ABNORMAL, BLUR, NORMAL, block, case, row_of_blocks


def test_counts_are_pooled_over_images():
    blocks = row_of_blocks(4)
    cases = [case(blocks, blocks[:3], 1), case((), (block(100),), 2), case(blocks, blocks, 3)]
    result = detection(match_cases(cases))
    assert (result.hits, result.missed, result.spurious, result.images) == (7, 1, 1, 3)
    assert result.precision == pytest.approx(7 / 8)
    assert result.recall == pytest.approx(7 / 8)
    assert result.f1 == pytest.approx(7 / 8)


def test_ratios_without_a_divisor_are_none():
    nothing = detection(match_cases([case((), ())]))
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)
    silent = detection(match_cases([case(row_of_blocks(), ())]))
    assert (silent.precision, silent.recall, silent.f1) == (None, 0.0, 0.0)


def test_classes_of_matched_missed_and_spurious():
    true = [block(5, category=NORMAL), block(30, category=ABNORMAL), block(60, category=BLUR)]
    read = [block(5, category=NORMAL), block(30, category=NORMAL), block(90, category=ABNORMAL)]
    result = confusion(match_cases([case(true, read)]))
    counts = np.array(result.counts)
    assert counts.shape == (6, 6)
    assert counts[NORMAL, NORMAL] == counts[ABNORMAL, NORMAL] == 1
    assert counts[BLUR, 5] == counts[5, ABNORMAL] == 1
    assert counts.sum() == 4
    assert result.matched == 2
    assert result.accuracy == pytest.approx(0.5)


def test_unknown_classes_are_left_out():
    result = confusion(match_cases([case([block(5, category=None)], [block(5)])]))
    assert result.matched == 0
    assert result.accuracy is None


def test_readings_of_two_readers_are_refused():
    cases = [case((), (), 1), case((), (), 2, classes=("vessel",))]
    with pytest.raises(DataError, match="one reader"):
        confusion(match_cases(cases))
