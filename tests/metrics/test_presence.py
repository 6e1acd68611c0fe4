from dataclasses import replace

import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.presence import presence
from tests.metrics.cases import ABNORMAL, block, case

WITH, WITHOUT = [block(5), block(40, category=ABNORMAL)], [block(5)]


def test_sensitivity_and_specificity_with_counts():
    cases = [
        case(WITH, WITH, 1),
        case(WITH, WITHOUT, 2),
        case(WITHOUT, WITHOUT, 3),
        case(WITHOUT, WITHOUT, 4),
        case(WITHOUT, WITH, 5),
    ]
    result = presence(cases, "abnormal")
    counts = (result.true_positive, result.false_negative, result.true_negative)
    assert counts == (1, 1, 2)
    assert result.false_positive == 1
    assert result.sensitivity == pytest.approx(1 / 2)
    assert result.specificity == pytest.approx(2 / 3)


def test_abnormal_everywhere_costs_specificity():
    result = presence([case(WITH, WITH, 1), case(WITHOUT, WITH, 2)], "abnormal")
    assert (result.sensitivity, result.specificity) == (1, 0)


def test_unsure_finds_do_not_count():
    unsure = [replace(one, score=0.3) for one in WITH]
    assert presence([case(WITH, unsure)], "abnormal").sensitivity == 0


def test_without_such_images_there_is_no_figure():
    assert presence([case(WITHOUT, WITH)], "abnormal").sensitivity is None
    assert presence([], "abnormal").specificity is None


def test_a_misspelt_class_is_refused():
    with pytest.raises(DataError, match="'abnormal'"):
        presence([case(WITH, WITH)], "abnormel")
