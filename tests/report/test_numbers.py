from __future__ import annotations

import math

import pytest

from polyclinic.report.numbers import duration, interval, number, spoken_name


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.94312, "0.943"),
        (1.1249, "1.12"),
        (12.34, "12.3"),
        (212.4, "212"),
        (0.0051, "0.005"),
        (0.00003, "3.0e\N{MINUS SIGN}05"),
        (0.0, "0.00"),
        (-3.456, "\N{MINUS SIGN}3.46"),
        (999.6, "1\u202f000"),
        (12345, "12\u202f345"),
        (7, "7"),
        (True, "yes"),
        (None, "\N{EN DASH}"),
        (math.nan, "\N{EN DASH}"),
        (math.inf, "\N{EN DASH}"),
    ],
)
def test_number(value: float | None, text: str) -> None:
    assert number(value) == text


def test_interval() -> None:
    assert interval((-0.25, 1.5)) == "\N{MINUS SIGN}0.250 to 1.50"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.4, "3 s"), (59.7, "1 min 00 s"), (231.4, "3 min 51 s"), (7500.0, "2 h 05 min")],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("instance_f1", "Instance F1"),
        ("mask_ap50", "Mask AP50"),
        ("box_ap", "Box AP"),
        ("apical_diameter_mae", "Apical diameter MAE"),
        ("apnoea_index", "Apnoea index"),
    ],
)
def test_spoken_name(name: str, text: str) -> None:
    assert spoken_name(name) == text
