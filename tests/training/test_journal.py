from __future__ import annotations

import json

from polyclinic.training.journal import Tally


def test_a_name_that_a_step_lacks_keeps_its_average():
    tally = Tally()
    tally.add({"a": 1.0, "b": 4.0})
    tally.add({"a": 2.0})
    assert tally.means() == {"a": 1.5, "b": 4.0}


def test_a_saved_tally_goes_on_bit_by_bit():
    values = [0.1, 1 / 3, 2e-7, 5.3, 0.7]
    whole, first = Tally(), Tally()
    for value in values:
        whole.add({"a": value})
    for value in values[:2]:
        first.add({"a": value})
    second = Tally(json.loads(json.dumps(first.to_json())))
    for value in values[2:]:
        second.add({"a": value})
    assert second.means() == whole.means()
