from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.presence import presence_figures
from tests.metrics.cases import ABNORMAL, block, case

WITH, WITHOUT = [block(5), block(40, category=ABNORMAL)], [block(5)]


def values(cases, name="abnormal", accept=0.5):
    return [one.value(np.ones(len(cases))) for one in presence_figures(cases, name, accept)]


def test_sensitivity_and_specificity_with_counts():
    cases = [
        case(WITH, WITH, 1),
        case(WITH, WITHOUT, 2),
        case(WITHOUT, WITHOUT, 3),
        case(WITHOUT, WITHOUT, 4),
        case(WITHOUT, WITH, 5),
        case(None, WITH, 6),
    ]
    assert values(cases) == [pytest.approx(1 / 2), pytest.approx(2 / 3)]
    sensitivity, specificity = presence_figures(cases, "abnormal", 0.5)
    assert (sensitivity.counts.sum(), specificity.counts.sum()) == (2, 3)


def test_abnormal_everywhere_costs_specificity():
    assert values([case(WITH, WITH, 1), case(WITHOUT, WITH, 2)]) == [1, 0]


def test_unsure_finds_do_not_count():
    unsure = [replace(one, score=0.3) for one in WITH]
    assert values([case(WITH, unsure)])[0] == 0


def test_without_such_images_there_is_no_figure():
    assert values([case(WITHOUT, WITH)])[0] is None
    assert values([]) == [None, None]


def test_a_misspelt_class_is_refused():
    with pytest.raises(DataError, match="'abnormal'"):
        presence_figures([case(WITH, WITH)], "abnormel", 0.5)


def test_an_image_that_could_not_be_read_shows_nothing_absent():
    sample, reading = case(WITHOUT, (), 2)
    lost = sample, replace(reading, instances=None, error="truncated")
    assert values([case(WITH, WITH, 1), case(WITHOUT, WITHOUT, 3), lost]) == [1, 0.5]
