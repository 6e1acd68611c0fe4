"""Intervals hold where they are stated: a few settings of the simulation, small."""

import pytest
from bench.coverage_intervals import covered, table
from bench.coverage_populations import (
    Population,
    answers,
    differences,
    others,
    share_of,
)

ENOUGH = 0.93 - 2 * 0.011
"""Two Monte Carlo errors of 400 data sets below what is promised."""


@pytest.mark.parametrize("patients", [7, 30])
@pytest.mark.parametrize(("share", "alike"), [(0.05, 0.5), (0.8, 0.2), (0.98, 0.5), (1.0, 0.0)])
def test_shares_are_held(patients, share, alike):
    one = Population("share", answers(share, alike), share_of, share)
    found = covered(one, patients, 400, 0).to_json()
    assert found["stated"] == 1
    assert found["coverage"] >= ENOUGH


@pytest.mark.parametrize("name", ["bias", "mean of errors", "median", "AUC", "ICC"])
def test_other_figures_of_few_patients_are_held(name):
    one = next(one for one in others() if one.name == name)
    found = covered(one, 7, 400, 0).to_json()
    assert found["coverage"] >= ENOUGH


def test_a_high_percentile_of_few_patients_is_not_stated():
    one = next(one for one in others() if one.name.startswith("95th"))
    assert covered(one, 30, 40, 0).to_json()["stated"] == 0


def test_differences_are_held_where_both_are_always_right():
    one = differences()[-3]
    assert one.name.endswith("1 and 1")
    found = covered(one, 7, 40, 0).to_json()
    assert found["coverage"] == 1
    assert found["median_width"] > 0.5


def test_the_table_says_where_there_is_no_interval():
    row = {"stated": 0.0, "coverage": None, "median_width": None}
    some = {"stated": 0.5, "coverage": 0.96, "median_width": 1.0}
    text = table({"settings": [{"figure": "p95", "patients": {"7": row, "15": some}}]})
    assert "| p95 | none | 0.960 (50% stated) |" in text
