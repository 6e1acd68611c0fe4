from __future__ import annotations

import math
from typing import Any

import pytest

from polyclinic.errors import DataError
from polyclinic.reading import Measurement


def _measurement(**changes: Any) -> Measurement:
    return Measurement(**{"name": "length", "value": 3.0, "unit": "px"} | changes)


@pytest.mark.parametrize("unit", ["um", "mm", "mm2", "1/mm"])
def test_physical_units_need_a_scale(unit: str) -> None:
    with pytest.raises(DataError, match="without a known scale"):
        _measurement(unit=unit)
    assert _measurement(unit=unit, scale_source="assumed").value == 3.0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_refuses_what_is_no_number(value: float) -> None:
    with pytest.raises(DataError, match="finite"):
        _measurement(value=value)


def test_a_missing_value_says_why() -> None:
    with pytest.raises(DataError, match="no value and no flag"):
        _measurement(value=None)
    assert _measurement(value=None, flags=("no apex",)).flags == ("no apex",)


def test_refuses_unknown_units_and_turned_intervals() -> None:
    with pytest.raises(DataError, match="'furlong'"):
        _measurement(unit="furlong")
    with pytest.raises(DataError, match=r"interval 4.0 \.\.\. 2.0"):
        _measurement(lower=4.0, upper=2.0)
