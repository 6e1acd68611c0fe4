import json
from dataclasses import replace

import numpy as np
import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.conformal import Conformal, calibrate
from tests.metrics.pairs import pairs


def test_the_reach_is_the_largest_error_of_19_patients():
    errors = np.linspace(-3, 2, 38)
    found = calibrate(pairs(errors), np.arange(38) // 2)
    assert (found.reach, found.patients, found.pairs, found.reason) == (3, 19, 38, "")
    assert (found.name, found.unit, found.level) == ("width", "um", 0.95)


def test_too_few_patients_have_no_interval_and_a_reason():
    found = calibrate(pairs(np.ones(300)), np.arange(300) // 100)
    assert found.reach is None
    assert found.reason == "3 calibration patients; 95 % needs 19"
    assert calibrate(pairs(np.ones(300)), np.arange(300) // 100, level=0.75).reach == 1


def test_what_was_not_read_is_left_out_with_its_patient():
    errors = np.r_[np.ones(20), np.full(5, np.nan)]
    found = calibrate(pairs(errors), np.arange(25))
    assert (found.reach, found.patients, found.pairs) == (1, 20, 20)


def test_the_width_follows_the_doubt():
    """Errors of 1 where the reader is sure and of 2 where it doubts four times as much."""
    doubt = np.where(np.arange(40) % 2, 0.8, 0.2)
    found = calibrate(pairs(np.where(doubt > 0.5, 2.0, 1.0), doubt=doubt), np.arange(40))
    assert found.reach_at(0.2) == pytest.approx(1)
    assert found.reach_at(0.8) == pytest.approx(2)
    assert found.reach_at(np.nan) == pytest.approx(1 / np.sqrt(0.2))
    assert found.reach_at(0.0) == found.reach_at(0.05)
    assert replace(found, by_doubt=False).reach_at(0.2) == found.reach
    assert replace(found, reach=None).reach_at(0.2) is None


def test_images_without_a_pair_are_no_matter():
    found = calibrate(pairs(np.ones(20), rows=2 * np.arange(20)), np.arange(40))
    assert (found.patients, found.pairs) == (20, 20)


@pytest.mark.parametrize("count", [3, 30])
def test_it_survives_json(count):
    found = calibrate(pairs(np.linspace(0, 0.1, count)), np.arange(count))
    assert Conformal.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("values", [{}, {"name": "width"}, {"reach": "wide"}])
def test_something_else_is_not_an_interval(values):
    whole = calibrate(pairs(np.ones(3)), np.arange(3)).to_json()
    with pytest.raises(DataError, match="not an interval"):
        Conformal.from_json(whole | values if "reach" in values else values)
