from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import balanced_accuracy_score

from polyclinic.metrics.judges.instances import figures
from polyclinic.metrics.matching import match_cases
from tests.metrics.cases import ABNORMAL, NORMAL, block, case, row_of_blocks
from tests.metrics.detect.coco_oracle import case_lists, untied


def values(cases, accept=0.5, weights=None):
    every = np.ones(len(cases)) if weights is None else np.array(weights, float)
    return {one.name: one.value(every) for one in figures(cases, accept)}


def test_every_figure_has_its_name_and_table():
    true = tuple(replace(one, category=i % 2) for i, one in enumerate(row_of_blocks()))
    found = figures([case(true, true)], 0.5)
    assert [one.name for one in found] == [
        "instance_f1",
        "instance_precision",
        "instance_recall",
        "class_accuracy",
        "balanced_class_accuracy",
        "froc_mean",
        *(
            f"{kind}_{name}"
            for kind in ("box", "mask")
            for name in ("ap", "ap50", "ap75", "ap_small", "ar1", "ar10", "ar100")
        ),
    ]
    assert {one.group for one in found} == {"instances"}
    assert all(one.value(np.ones(1)) == pytest.approx(1) for one in found if one.name[-2:] != "r1")


def test_nothing_is_said_of_what_nobody_looked_for():
    assert figures([], 0.5) == []
    assert figures([case(None, row_of_blocks())], 0.5) == []
    boxes = tuple(replace(one, mask=None) for one in row_of_blocks())
    names = values([case(row_of_blocks(), boxes)])
    assert "box_ap" in names
    assert "mask_ap" not in names


def test_the_score_decides_what_counts():
    blocks = row_of_blocks(4)
    read = [replace(one, score=0.2 * i) for i, one in enumerate(blocks)]
    found = values([case(blocks, read)], accept=0.4)
    assert found["instance_recall"] == 0.5
    assert found["instance_precision"] == 1
    assert found["instance_f1"] == pytest.approx(2 / 3)
    assert found["froc_mean"] == 1


@settings(max_examples=60, deadline=None)
@given(case_lists(), st.sampled_from([0.0, 0.4, 0.5]))
def test_counts_are_those_of_the_matches(cases, accept):
    matched = match_cases(cases, min_score=accept)
    hits = sum(len(one.match.pairs) for one in matched)
    missed = sum(len(one.match.missed) for one in matched)
    spurious = sum(len(one.match.spurious) for one in matched)
    found = values(cases, accept)
    for name, above, below in (
        ("f1", 2 * hits, 2 * hits + missed + spurious),
        ("precision", hits, hits + spurious),
        ("recall", hits, hits + missed),
    ):
        assert found[f"instance_{name}"] == (pytest.approx(above / below) if below else None)
    classes = [(t.category, r.category) for one in matched for t, r in one.pairs]
    if classes:
        true, read = np.array(classes).T
        expected = np.mean([(read[true == c] == c).mean() for c in np.unique(true)])
        assert found["class_accuracy"] == pytest.approx((true == read).mean())
        assert found["balanced_class_accuracy"] == pytest.approx(expected)


def test_classes_have_honest_baselines():
    true = [block(5 + 20 * i, category=NORMAL) for i in range(3)] + [block(80, category=ABNORMAL)]
    read = [replace(one, category=NORMAL) for one in true]
    by_name = {one.name: one for one in figures([case(true, read)], 0.5)}
    once = np.ones((1, 1))
    accuracy, balanced = by_name["class_accuracy"], by_name["balanced_class_accuracy"]
    assert accuracy.weighted(once)[0] == accuracy.baseline(once)[0] == 0.75
    assert balanced.weighted(once)[0] == balanced.baseline(once)[0] == 0.5
    labels = [one.category for one in true], [one.category for one in read]
    assert balanced.weighted(once)[0] == balanced_accuracy_score(*labels)


@settings(max_examples=40, deadline=None)
@given(case_lists(), st.data())
def test_a_weight_is_so_many_copies(cases, data):
    cases = untied(cases)
    weights = data.draw(st.lists(st.integers(0, 3), min_size=len(cases), max_size=len(cases)))
    copies = [one for one, k in zip(cases, weights, strict=True) for _ in range(k)]
    weighted, repeated = values(cases, weights=weights), values(copies)
    for name, value in weighted.items():
        assert value == pytest.approx(repeated.get(name), abs=1e-9), name


def test_each_case_alone():
    blocks = row_of_blocks(4)
    cases = [case(blocks, blocks[:2], 1), case(None, blocks, 2), case((), blocks[:1], 3)]
    f1 = next(one for one in figures(cases, 0.5) if one.name == "instance_f1")
    assert f1.by_case == pytest.approx([2 / 3, np.nan, 0], nan_ok=True)
    assert f1.counts.tolist() == [4, 0, 0]
