from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from polyclinic.metrics.classify.operating import AIMS, KEY, UNKNOWN, chosen_thresholds
from polyclinic.metrics.judges.findings import figures
from polyclinic.reading import Reading
from polyclinic.sample import Sample

SCORE = st.floats(0, 1).map(lambda p: round(p, 2))


def case(label, p, image=1, patient=None, provenance=None):
    """A labelled image and the probability of "ill"; without one it could not be read."""
    read = p is not None
    return (
        Sample(image_id=image, size=(4, 4), patient_id=patient, labels={"t": label}),
        Reading(
            image_id=image,
            size=(4, 4),
            findings={"t": {"healthy": 1 - p, "ill": p}} if read else {},
            error=None if read else "truncated",
            provenance=provenance or {},
        ),
    )


def cases_of(truth, scores, **known):
    names = np.where(truth, "ill", "healthy")
    return [
        case(str(name), None if p is None else float(p), image, **known)
        for image, (name, p) in enumerate(zip(names, scores, strict=True))
    ]


def drawn(seed, number=200):
    random = np.random.default_rng(seed)
    truth = random.random(number) < 0.4
    return truth, np.clip(random.normal(0.4 + 0.2 * truth, 0.15), 0, 1)


def named(cases):
    ones = np.ones(len(cases))
    return {one.name.removeprefix("t_"): one.metric(ones, None, None) for one in figures(cases, 0)}


@given(st.lists(SCORE, min_size=2, max_size=30), st.data())
def test_the_threshold_is_the_best_that_keeps_the_promise_in_validation(scores, data):
    truth = np.array(data.draw(st.lists(st.booleans(), min_size=len(scores), max_size=len(scores))))
    chosen = chosen_thresholds(cases_of(truth, scores))
    if truth.all() or not truth.any():
        assert chosen == {}
        return
    alarms, hits, _ = oracle.roc_curve(truth, scores, drop_intermediate=False)
    said = {aim: np.array(scores) >= chosen["t"][aim] for aim in AIMS}
    assert oracle.recall_score(truth, said["95_specificity"]) == pytest.approx(
        hits[1 - alarms >= 0.95 - 1e-9].max()
    )
    assert oracle.recall_score(truth, said["95_sensitivity"], pos_label=0) == pytest.approx(
        (1 - alarms)[hits >= 0.95 - 1e-9].max()
    )
    assert (chosen["t"]["images"], chosen["t"]["positives"]) == (len(scores), truth.sum())


def test_others_are_judged_at_the_threshold_of_validation():
    chosen = chosen_thresholds(cases_of(*drawn(0)))
    truth, scores = drawn(1)
    found = named(cases_of(truth, scores, provenance={KEY: chosen}))
    for aim in AIMS:
        said = scores >= chosen["t"][aim]
        expected = {
            "sensitivity": oracle.recall_score(truth, said),
            "specificity": oracle.recall_score(truth, said, pos_label=0),
            "ppv": oracle.precision_score(truth, said),
            "npv": oracle.precision_score(truth, said, pos_label=0),
        }
        for name, value in expected.items():
            metric = found[f"{name}_at_{aim}"]
            assert metric.value == pytest.approx(value)
            threshold = f"threshold {chosen['t'][aim]:.3g}"
            assert metric.setting.startswith(f"{threshold}, chosen on 200 validation images")


def test_without_a_stated_threshold_there_is_no_figure_and_the_reason():
    truth, scores = drawn(1)
    other = {KEY: {"t": {"positive": "healthy", "95_specificity": 0.5, "95_sensitivity": 0.5}}}
    for provenance in ({}, {KEY: {}}, other):
        found = named(cases_of(truth, scores, provenance=provenance))
        for aim in AIMS:
            metric = found[f"sensitivity_at_{aim}"]
            assert (metric.value, metric.note, metric.setting) == (None, UNKNOWN, "")


def test_each_fold_is_judged_at_its_own_threshold():
    truth, scores = drawn(2)
    cases = []
    for fold, limit in ((0, 0.3), (1, 0.6)):
        stated = {"positive": "ill", "images": 9, "positives": 3, **dict.fromkeys(AIMS, limit)}
        some = cases_of(truth[fold::2], scores[fold::2], provenance={KEY: {"t": stated}})
        cases += some
    metric = named(cases)["sensitivity_at_95_specificity"]
    said = np.concatenate([scores[0::2] >= 0.3, scores[1::2] >= 0.6])
    ordered = np.concatenate([truth[0::2], truth[1::2]])
    assert metric.value == pytest.approx(oracle.recall_score(ordered, said))
    assert metric.setting.startswith("thresholds 0.3 to 0.6, each chosen")


def test_what_could_not_be_read_is_wrong_at_any_threshold_and_chooses_none():
    chosen = chosen_thresholds(cases_of(*drawn(0)))
    truth, scores = drawn(0)
    silent = [*cases_of(truth, scores), *cases_of([True, False], [None, None])]
    assert chosen_thresholds(silent) == chosen
    stated = cases_of(truth, scores, provenance={KEY: chosen})
    before = named(stated)
    lost = [
        (replace(sample, image_id=900 + row), reading)
        for row, (sample, reading) in enumerate(cases_of([True, False], [None, None]))
    ]
    after = named([*stated, *lost])
    for name in ("sensitivity", "specificity", "ppv", "npv"):
        assert after[f"{name}_at_95_specificity"].value < before[f"{name}_at_95_specificity"].value
