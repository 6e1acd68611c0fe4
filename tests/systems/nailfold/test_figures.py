from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.agree.limits import limits_of_agreement
from polyclinic.metrics.matching import match_cases
from polyclinic.sample import Spacing
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA
from polyclinic.systems.nailfold.figures import diameter_pairs
from tests.metrics.cases import block, case, landmarks


def figures_of(cases):
    """Limits of agreement by diameter and unit."""
    pairs = diameter_pairs(match_cases(cases), SCHEMA)
    return {(one.name, one.unit): limits_of_agreement(one.found, one.true) for one in pairs}


def instance(left, **diameters):
    return replace(block(left), landmarks=landmarks(left, **diameters))


def test_matched_differences_in_px_and_um():
    true = [instance(20, apical=8, arterial=5, venous=9), instance(60, apical=10)]
    read = [instance(60, apical=9), instance(20, apical=9, arterial=5, venous=12)]
    pair = case(true, read, spacing=Spacing.square(0.0017, "calibrated"))
    figures = figures_of([pair])
    apical = figures["apical", "px"]
    assert (apical.n, apical.bias.value) == (2, pytest.approx(0))
    assert apical.upper.value == pytest.approx(1.96 * 2**0.5)
    assert figures["venous", "px"].bias.value == pytest.approx(1.5)
    assert figures["arterial", "px"].upper.value == pytest.approx(0)
    assert figures["venous", "um"].bias.value == pytest.approx(1.5 * 1.7)


def test_without_scale_there_are_no_micrometres():
    pair = case([instance(20)], [instance(20)])
    figures = figures_of([pair])
    assert figures["apical", "px"].n == 1
    assert figures["apical", "um"].n == 0


def test_loops_without_landmarks_do_not_count():
    hidden = instance(20)
    hidden.landmarks[:] = 0
    figures = figures_of([case([instance(20)], [hidden])])
    assert all(figure.n == 0 for figure in figures.values())
    assert np.isfinite(hidden.landmarks).all()
