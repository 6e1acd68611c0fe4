import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as oracle

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.jackknife import patient_intervals
from polyclinic.metrics.judges.findings import figures
from polyclinic.reading import Reading
from polyclinic.sample import Sample

BINARY = {
    "auc",
    "auprc",
    *(
        f"{name}_at_95_{aim}"
        for name in ("sensitivity", "specificity", "ppv", "npv")
        for aim in ("specificity", "sensitivity")
    ),
    "sensitivity",
    "specificity",
    "ppv",
    "npv",
    "balanced_accuracy",
    "g_mean",
    "f1",
    "brier",
    "ece",
    "rms_calibration_error",
    "calibration_in_the_large",
    "calibration_intercept",
    "calibration_slope",
    "net_benefit_10",
    "net_benefit_20",
    "net_benefit_50",
}
NOMINAL = {
    "accuracy",
    "balanced_accuracy",
    "macro_f1",
    "macro_auc",
    "brier",
    "ece",
    "rms_calibration_error",
}
ORDINAL = {"quadratic_kappa", "grade_error"}


def case(label, probabilities, image=1, patient=None, task="t"):
    """A labelled image and its finding; no probabilities: it could not be read."""
    read = probabilities is not None
    return (
        Sample(
            image_id=image,
            size=(4, 4),
            patient_id=patient,
            labels={} if label is None else {task: label},
        ),
        Reading(
            image_id=image,
            size=(4, 4),
            findings={task: probabilities} if read else {},
            error=None if read else "truncated",
        ),
    )


def drawn_cases(values):
    """Labelled images that may fail, with whole weights."""
    part = st.integers(1, 9)
    row = st.tuples(
        st.sampled_from(values) | st.none(),
        st.none() | st.lists(part, min_size=len(values), max_size=len(values)),
        st.integers(0, 3),
    )
    return st.lists(row, max_size=10)


def built(rows, values):
    cases = [
        case(
            label,
            None
            if parts is None
            else {str(v): p / sum(parts) for v, p in zip(values, parts, strict=True)},
            image,
        )
        for image, (label, parts, _) in enumerate(rows)
    ]
    return cases, np.array([weight for *_, weight in rows], float)


def copied(cases, weights):
    return [one for one, weight in zip(cases, weights, strict=True) for _ in range(int(weight))]


@given(st.data(), st.sampled_from([("no", "yes"), (0, 1, 2, 3), ("a", "b", "c")]))
def test_a_whole_weight_is_that_many_copies(data, values):
    cases, weights = built(data.draw(drawn_cases(values)), values)
    several = copied(cases, weights)
    found = {one.name: one for one in figures(several, 0.5)}
    for figure in figures(cases, 0.5):
        assert figure.group.startswith("findings")
        assert figure.better in {"higher", "lower", "zero"} or "calibration_slope" in figure.name
        value = figure.value(weights)
        if figure.name not in found:
            # no copy was read, so that nothing says what the values are
            continue
        ones = np.ones(len(several))
        expected = found[figure.name].value(ones)
        assert (value is None) == (expected is None)
        if value is not None:
            assert value == pytest.approx(expected, abs=1e-9)
        metric = figure.metric(weights, None, None)
        copy = found[figure.name].metric(ones, None, None)
        assert metric.cases == copy.cases
        assert metric.baseline == pytest.approx(copy.baseline, abs=1e-9, nan_ok=True)
        if figure.by_case is not None:
            alone = figure.weighted(np.eye(len(cases)))
            np.testing.assert_allclose(figure.by_case, alone, atol=1e-9)


def named(cases):
    ones = np.ones(len(cases))
    return {one.name.removeprefix("t_"): one.metric(ones, None, None) for one in figures(cases, 0)}


def test_a_binary_finding_as_scikit_learn_judges_it():
    random = np.random.default_rng(0)
    truth = random.random(80) < 0.3
    score = np.round(np.clip(random.normal(0.4 + 0.2 * truth, 0.2), 0, 1), 2)
    score[score == 0.5] = 0.51
    found = named(
        [
            case(int(label), {"0": 1 - p, "1": p}, image)
            for image, (label, p) in enumerate(zip(truth, score, strict=True))
        ]
    )
    assert set(found) == BINARY
    said, share = score > 0.5, truth.mean()
    expected = {
        "auc": (oracle.roc_auc_score(truth, score), 0.5),
        "auprc": (oracle.average_precision_score(truth, score), share),
        "ppv": (oracle.precision_score(truth, said), share),
        "npv": (oracle.precision_score(truth, said, pos_label=0), 1 - share),
        "sensitivity": (oracle.recall_score(truth, said), 0),
        "specificity": (oracle.recall_score(truth, said, pos_label=0), 1),
        "balanced_accuracy": (oracle.balanced_accuracy_score(truth, said), 0.5),
        "f1": (oracle.f1_score(truth, said), oracle.f1_score(truth, np.ones(80))),
        "brier": (
            oracle.brier_score_loss(truth, score),
            oracle.brier_score_loss(truth, np.full(80, share)),
        ),
    }
    for name, (value, baseline) in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-9), name
        assert found[name].baseline == pytest.approx(baseline, abs=1e-9), name
    both = found["sensitivity"].value * found["specificity"].value
    assert found["g_mean"].value == pytest.approx(np.sqrt(both))
    assert found["g_mean"].baseline == 0
    assert (found["sensitivity"].cases, found["auc"].cases) == (truth.sum(), 80)


def test_grades_as_scikit_learn_judges_them():
    random = np.random.default_rng(1)
    truth = random.integers(0, 4, 90)
    shown = random.dirichlet(np.ones(4), 90)
    shown[np.arange(90), truth] += 0.3
    shown /= shown.sum(1, keepdims=True)
    found = named(
        [
            case(int(label), {str(k): float(p) for k, p in enumerate(row)}, image)
            for image, (label, row) in enumerate(zip(truth, shown, strict=True))
        ]
    )
    assert set(found) == NOMINAL | ORDINAL
    said = shown.argmax(1)
    expected = {
        "accuracy": oracle.accuracy_score(truth, said),
        "balanced_accuracy": oracle.balanced_accuracy_score(truth, said),
        "macro_f1": oracle.f1_score(truth, said, average="macro"),
        "macro_auc": oracle.roc_auc_score(truth, shown, multi_class="ovr"),
        "brier": oracle.brier_score_loss(truth, shown, scale_by_half=False),
        "quadratic_kappa": oracle.cohen_kappa_score(truth, said, weights="quadratic"),
        "grade_error": np.abs(truth - said).mean(),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value, abs=1e-9), name
    shares = np.bincount(truth) / 90
    assert found["accuracy"].baseline == pytest.approx(shares.max())
    assert found["balanced_accuracy"].baseline == pytest.approx(0.25)
    assert found["brier"].baseline == pytest.approx(1 - (shares**2).sum())
    assert found["quadratic_kappa"].baseline == pytest.approx(0)
    constant = [np.abs(truth - grade).mean() for grade in range(4)]
    assert found["grade_error"].baseline == pytest.approx(min(constant))


def test_words_have_no_distance():
    found = named([case("b", {"a": 0.1, "b": 0.6, "c": 0.3}), case("a", {"a": 1, "b": 0, "c": 0})])
    assert set(found) == NOMINAL


def test_an_image_that_could_not_be_read_makes_every_figure_worse():
    sure = [{str(k): 0.8 if k == grade else 0.1 for k in range(3)} for grade in range(3)]
    good = [case(image % 3, sure[image % 3], image) for image in range(9)]
    before = {one.name: one for one in figures(good, 0)}
    after = figures([*good, case(0, None, 99), case(2, None, 98)], 0)
    assert {one.name for one in after if one.group == "findings"} == set(before)
    for figure in after:
        name = figure.name.removesuffix("_of_readable")
        was, now = before[name].value(np.ones(9)), figure.value(np.ones(11))
        if name != figure.name:  # of what was said
            assert now == pytest.approx(was)
            assert "2 images could not be read: left out" in figure.note
        else:
            assert now < was if figure.better == "higher" else now > was, figure.name
            assert "2 images could not be read: counted as wrong" in figure.note
    of_readable = [one for one in after if one.name.endswith("_of_readable")]
    assert {one.metric(np.ones(11), None, None).left_out for one in of_readable} == {2}


def test_positives_that_nobody_can_read_never_raise_the_area():
    random = np.random.default_rng(0)
    good, bad = random.normal(0.4, 0.15, 40), random.normal(0.5, 0.15, 20)

    def area(readable):
        stated = [(0, p) for p in good] + [(1, p) for p in bad]
        cases = [
            case(label, {"0": 1 - p, "1": p} if label == 0 or p > readable else None, image)
            for image, (label, p) in enumerate(stated)
        ]
        found = named(cases)
        assert ("auc_of_readable" in found) == (readable > 0)
        truth = np.array([label for label, _ in stated])
        worst = np.array([p if label == 0 or p > readable else 0 for label, p in stated])
        assert found["auc"].value == pytest.approx(oracle.roc_auc_score(truth, worst))
        return found["auc"].value

    every, easy, easiest = area(0), area(0.5), area(0.6)
    assert easiest < easy < every


def test_one_class_only_has_no_ranking_and_says_why():
    found = named([case(1, {"0": 0.2, "1": 0.8}), case(1, {"0": 0.6, "1": 0.4})])
    for name in ("auc", "specificity", "balanced_accuracy", "g_mean"):
        assert found[name].value is None
        assert found[name].note == "only '1' is annotated"
    assert found["sensitivity"].value == 0.5


def delong_notes(patients):
    random = np.random.default_rng(0)
    cases = [
        case(image % 2, {"0": 1 - p, "1": p}, image, patient)
        for image, (patient, p) in enumerate(zip(patients, random.random(20), strict=True))
    ]
    return [one.note for one in figures(cases, 0) if one.name == "t_auc"]


def test_delong_stands_beside_the_area_where_no_patient_has_two_images():
    (note,) = delong_notes([f"p{k}" for k in range(20)])
    assert note.startswith("DeLong 95 % interval")
    assert delong_notes([f"p{k // 2}" for k in range(20)]) == [""]


def test_tasks_keep_apart_and_nothing_annotated_gives_nothing():
    stated = {"0": 0.2, "1": 0.8}
    cases = [case(1, stated, 1, task="a"), case(0, stated, 2, task="b"), case(None, stated, 3)]
    found = figures(cases, 0)
    assert {one.name for one in found} == {f"{task}_{name}" for task in "ab" for name in BINARY}
    assert all(one.counts.sum() <= 1 for one in found)
    assert figures([case(None, stated)], 0) == []
    assert figures([], 0) == []


def test_intervals_hold_their_values():
    random = np.random.default_rng(2)
    cases = []
    for image in range(60):
        p = float(np.clip(random.normal(0.35 + 0.3 * (image % 2), 0.2), 0, 1))
        cases.append(case(image % 2, {"0": 1 - p, "1": p}, image, f"p{image // 3}"))
    found = figures(cases, 0)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        intervals = patient_intervals(found, patient_rows([sample for sample, _ in cases]))
    for figure, interval in zip(found, intervals, strict=True):
        if "_at_95_" in figure.name:  # no threshold was chosen
            assert interval.lower is None
        elif figure.name == "t_ece":  # biased: chance alone keeps it above 0
            assert interval.lower is None
            assert "chance" in interval.why
        else:
            assert interval.lower <= figure.value(np.ones(60)) <= interval.upper, figure.name
            assert interval.method


def risks(too_low, patients=400, seed=5):
    """Answers of a reader whose risks are all too low by so much, two images a patient."""
    random = np.random.default_rng(seed)
    stated = random.uniform(0.05, 0.85, 2 * patients)
    happened = random.random(len(stated)) < stated + too_low
    return [
        case(int(event), {"0": 1 - p, "1": p}, image, f"p{image // 2}")
        for image, (event, p) in enumerate(zip(happened, stated, strict=True))
    ]


def test_a_risk_that_is_ten_points_too_low_reads_so():
    found = named(risks(0.1, patients=1500))
    assert found["ece"].value == pytest.approx(0.1, abs=0.03)
    assert found["rms_calibration_error"].value == pytest.approx(0.1, abs=0.03)
    assert found["calibration_in_the_large"].value == pytest.approx(0.1, abs=0.03)
    assert found["calibration_intercept"].value > 0.3


def test_a_calibrated_reader_may_have_no_calibration_error():
    cases = risks(0.0)
    found = {one.name: one for one in figures(cases, 0)}
    patients = patient_rows([sample for sample, _ in cases])
    (interval,) = patient_intervals([found["t_rms_calibration_error"]], patients)
    assert interval.lower == 0
    assert found["t_ece"].value(np.ones(len(cases))) > 0.02
    (slope,) = patient_intervals([found["t_calibration_slope"]], patients)
    assert slope.lower < 1 < slope.upper


def test_net_benefit_by_hand_and_a_failed_image_never_helps():
    stated = [(1, 0.9), (1, 0.15), (0, 0.3), (0, 0.05)]
    cases = [case(y, {"0": 1 - p, "1": p}, image) for image, (y, p) in enumerate(stated)]
    found = named(cases)
    assert found["net_benefit_20"].value == pytest.approx(1 / 4 - 1 / 4 * 0.25)
    assert found["net_benefit_20"].baseline == pytest.approx(0.5 - 0.5 * 0.25)  # treat all
    assert found["net_benefit_50"].value == pytest.approx(1 / 4)
    for label in (0, 1):
        worse = named([*cases, case(label, None, 9)])
        for at in (10, 20, 50):
            name = f"net_benefit_{at}"
            assert worse[name].value < found[name].value
