import numpy as np
import pytest

from polyclinic.metrics.judges.measured import figure_names, measured_figures
from tests.metrics.pairs import pairs


def metrics(*groups, cases=4, weights=None):
    weights = np.ones(cases) if weights is None else np.array(weights, float)
    return {
        figure.name: figure.metric(weights, None, None)
        for figure in measured_figures(groups, cases)
    }


def test_coverage_is_the_share_of_intervals_that_hold_the_truth():
    found = metrics(pairs([0.5, -1, 1.5, 3], reach=[1, 1, 1, np.nan]))
    coverage = found["width_coverage"]
    assert (coverage.value, coverage.cases) == (pytest.approx(2 / 3), 3)
    assert coverage.note == "1 of 4 have no interval"
    assert (found["width_interval_width"].value, found["width_interval_width"].unit) == (2, "um")
    assert found["width_mae"].value == pytest.approx(1.5)
    assert {metric.group for metric in found.values()} == {"measurements"}


def test_a_weight_repeats_a_case():
    found = metrics(pairs([0, 5, 0, 0], reach=1.0), weights=[1, 3, 0, 0])
    assert found["width_coverage"].value == pytest.approx(1 / 4)
    assert found["width_coverage"].note == ""


def test_without_intervals_there_is_agreement_alone():
    found = metrics(pairs([1, -1, np.nan, 0]))
    assert found["width_coverage"].value is None
    assert found["width_coverage"].note == "4 of 4 have no interval"
    assert found["width_mae"].value == pytest.approx(2 / 3)


def test_names_are_unique_when_units_differ():
    groups = [pairs([1]), pairs([1], unit="px"), pairs([1], name="density", unit="1/mm")]
    assert figure_names(groups) == ["width_um", "width_px", "density"]
    assert figure_names([pairs([1], unit="1/mm"), pairs([1])]) == ["width_1_per_mm", "width_um"]
    assert len(metrics(*groups, cases=1)) == len(measured_figures(groups, 1))
