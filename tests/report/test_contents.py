from __future__ import annotations

import pytest

from polyclinic.errors import DataError
from polyclinic.metrics.figure import Metric
from polyclinic.reading import Measurement, Reading
from polyclinic.report import Table, measurement_summary, metric_table


def test_rows_must_fit_the_columns() -> None:
    with pytest.raises(DataError, match="row 1 of table 't' has 1 cells; expected 2"):
        Table(title="t", columns=("a", "b"), rows=((1, 2), (3,)))


def test_metrics_as_a_table() -> None:
    metrics = [
        Metric(name="f1", value=0.5, lower=0.4, upper=0.6, baseline=0.1, cases=9, meaning="m"),
        Metric(name="mae", value=None, unit="um", note="no scale"),
        Metric(name="dice", value=0.8, quartiles=(0.7, 0.8, 0.9), left_out=2, setting="s"),
    ]
    assert metric_table("t", metrics).rows == (
        ("f1", 0.5, "", (0.4, 0.6), "", 0.1, 9, 0, "", "m"),
        ("mae", None, "µm", None, "", None, None, 0, "", "no scale"),
        ("dice", 0.8, "", None, "0.800 (0.700 to 0.900)", None, None, 2, "s", ""),
    )


def test_measurements_are_summed_up_by_name_and_unit() -> None:
    made = [Measurement(name="length", value=float(v), unit="px", flags=("cut",)) for v in range(5)]
    missing = Measurement(name="length", value=None, unit="px", flags=("no mask", "cut"))
    scaled = Measurement(name="length", value=3.0, unit="um", scale_source="assumed")
    reading = Reading(image_id=1, size=(2, 2), measurements=(*made, missing, scaled))
    assert measurement_summary([reading]).rows == (
        ("length", "px", 5, 1, 2.0, (1.0, 3.0), "cut (6)"),
        ("length", "µm", 1, 0, 3.0, (3.0, 3.0), ""),
    )
    none = measurement_summary([Reading(image_id=1, size=(2, 2), measurements=(missing,))])
    assert none.rows[0][2:6] == (0, 1, None, None)
