"""The published figures and why they are not what their names say."""

from dataclasses import replace

import numpy as np
import pytest

from polyclinic.metrics.matching import match_cases
from polyclinic.metrics.presence import presence_figures
from polyclinic.metrics.segmentation import compare_masks, sensitivity
from polyclinic.schema.nailfold import NAILFOLD_LANDMARKS as SCHEMA
from polyclinic.systems.nailfold.figures import diameter_pairs
from polyclinic.systems.nailfold.legacy_figures import (
    legacy_classification_accuracy,
    legacy_mae_of_avg_apical,
    legacy_mae_of_avg_arterial,
    legacy_mae_of_avg_venous,
    legacy_segmentation,
    legacy_segmentation_sensitivity,
)
from tests.metrics.cases import ABNORMAL, HAEMORRHAGE, block, case, landmarks


def instance(left, apical, **known):
    return replace(block(left, **known), landmarks=landmarks(left, apical=apical))


def test_permuted_diameters_give_zero_though_every_loop_is_wrong():
    true = [instance(20, 6), instance(60, 9), instance(100, 12)]
    read = [instance(20, 9), instance(60, 12), instance(100, 6)]
    cases = [case(true, read)]
    assert legacy_mae_of_avg_apical(cases, SCHEMA) == pytest.approx(0)
    apical = diameter_pairs(match_cases(cases), SCHEMA)[0]
    assert np.abs(apical.found - apical.true).mean() == pytest.approx(4)


def test_left_is_venous_and_right_arterial_in_the_published_figures():
    true = [replace(block(50), landmarks=landmarks(50, arterial=5, venous=9))]
    read = [replace(block(50), landmarks=landmarks(50, arterial=6, venous=12))]
    assert legacy_mae_of_avg_venous([case(true, read)], SCHEMA) == pytest.approx(1)
    assert legacy_mae_of_avg_arterial([case(true, read)], SCHEMA) == pytest.approx(3)


def test_haemorrhages_and_unlabelled_loops_are_left_out_of_the_means():
    hidden = instance(140, 50)
    hidden.landmarks[SCHEMA.index("up")] = 0
    true = [instance(20, 6), hidden]
    read = [
        instance(20, 7, score=0.9),
        instance(60, 40, category=HAEMORRHAGE, score=0.9),
        instance(100, 40, score=0.05),
    ]
    assert legacy_mae_of_avg_apical([case(true, read)], SCHEMA) == pytest.approx(1)
    assert legacy_mae_of_avg_apical([case(true, ())], SCHEMA) is None


def test_dropping_half_of_the_vessels_changes_nothing_but_halves_the_honest_figure():
    true = [block(5 + 19 * i, category=i // 2) for i in range(10)]  # two of each class
    whole, half = [case(true, true)], [case(true, true[::2])]
    for figure in ("sensitivity", "macro_iou", "pixel_accuracy"):
        before, after = (getattr(legacy_segmentation(cases), figure) for cases in (whole, half))
        assert before == pytest.approx(1, abs=1e-6)
        assert after == pytest.approx(before, abs=1e-6)
    before, after = (compare_masks(cases, 0.5)[0].counts for cases in (whole, half))
    assert (sensitivity(before), sensitivity(after)) == (1, 0.5)


def test_a_perfect_reading_of_one_class_gives_a_fifth():
    true = [block(5), block(40)]
    assert legacy_segmentation_sensitivity([case(true, true)]) == pytest.approx(0.2, abs=1e-6)


def test_the_surest_find_is_painted_last():
    true = [block(50, category=ABNORMAL)]
    read = [block(50, category=ABNORMAL, score=0.9), block(50, category=0, score=0.4)]
    assert legacy_segmentation([case(true, read)]).pixel_accuracy == pytest.approx(1)


def test_abnormal_everywhere_gives_one():
    abnormal = [block(5, category=ABNORMAL)]
    cases = [case(abnormal, abnormal, 1), *(case([block(5)], abnormal, i) for i in range(2, 6))]
    assert legacy_classification_accuracy(cases) == 1
    specificity = presence_figures(cases, "abnormal", 0.5)[1]
    assert specificity.value(np.ones(len(cases))) == 0
    assert legacy_classification_accuracy(cases[1:]) is None
