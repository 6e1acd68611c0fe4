import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax
from sklearn import metrics as oracle

from polyclinic.metrics.bootstrap import patient_rows
from polyclinic.metrics.jackknife import patient_intervals
from polyclinic.metrics.judges.patients import figures
from polyclinic.reading import Reading
from polyclinic.sample import Sample

VALUES = ("a", "b", "c")


def case(image, patient, label, shares, values=VALUES):
    """An image of a patient; no shares: it could not be read."""
    read = shares is not None
    return (
        Sample(
            image_id=image,
            size=(4, 4),
            patient_id=patient,
            labels={} if label is None else {"t": label},
        ),
        Reading(
            image_id=image,
            size=(4, 4),
            findings={"t": dict(zip(values, map(float, shares), strict=True))} if read else {},
            error=None if read else "truncated",
        ),
    )


def named(cases):
    ones = np.ones(len(cases))
    return {
        one.name.removeprefix("patient_t_"): one.metric(ones, None, None)
        for one in figures(cases, 0.5)
    }


def drawn(values, patients=40, seed=0):
    """Cases in shuffled order, and (P,) labels with (P, C) pooled shares of the patients."""
    random = np.random.default_rng(seed)
    true = random.integers(0, len(values), patients)
    cases, pooled = [], []
    for patient, label in enumerate(true):
        shares = random.dirichlet(np.ones(len(values)), random.integers(1, 5))
        shares = shares + 0.3 * np.eye(len(values))[label]
        shares /= shares.sum(1, keepdims=True)
        pooled.append(softmax(np.log(shares).mean(0)))
        cases += [
            case(len(cases) + row, f"p{patient}", values[label], one, values)
            for row, one in enumerate(shares)
        ]
    return [cases[row] for row in random.permutation(len(cases))], true, np.array(pooled)


def test_pooled_patients_as_scikit_learn_judges_them():
    cases, true, shares = drawn(VALUES)
    found = named(cases)
    said = shares.argmax(1)
    expected = {
        "accuracy": oracle.accuracy_score(true, said),
        "balanced_accuracy": oracle.balanced_accuracy_score(true, said),
        "macro_f1": oracle.f1_score(true, said, average="macro"),
        "macro_auc": oracle.roc_auc_score(true, shares, multi_class="ovr"),
    }
    for name, value in expected.items():
        assert found[name].value == pytest.approx(value), name
        assert (found[name].cases, found[name].group) == (40, "patients")
    assert found["accuracy"].baseline == pytest.approx(np.bincount(true).max() / 40)


def test_two_values_have_an_area_and_an_accuracy():
    cases, true, shares = drawn(("no", "yes"))
    found = named(cases)
    assert found["auc"].value == pytest.approx(oracle.roc_auc_score(true, shares[:, 1]))
    assert found["accuracy"].value == pytest.approx((shares.argmax(1) == true).mean())
    assert "sensitivity" in found


rows = st.tuples(st.sampled_from(VALUES), st.integers(1, 3), st.integers(0, 3), st.integers(0, 99))


@given(st.lists(rows, max_size=6))
def test_a_whole_weight_is_that_many_copies_of_a_patient(patients):
    def images(patient, label, count, seed):
        shares = np.random.default_rng(seed).dirichlet(np.ones(3), count)
        return [case(f"{patient}.{k}", patient, label, one) for k, one in enumerate(shares)]

    cases, copies, weights = [], [], []
    for patient, (label, count, weight, seed) in enumerate(patients):
        cases += images(f"p{patient}", label, count, seed)
        weights += [float(weight)] * count
        for copy in range(weight):
            copies += images(f"p{patient} {copy}", label, count, seed)
    expected = named(copies)
    for figure in figures(cases, 0.5):
        name = figure.name.removeprefix("patient_t_")
        if name in expected:  # else no patient with several images is left
            metric = figure.metric(np.array(weights), None, None)
            assert metric.value == pytest.approx(expected[name].value, nan_ok=True), name
            assert metric.baseline == pytest.approx(expected[name].baseline, nan_ok=True), name
            assert metric.cases == expected[name].cases


def test_patients_annotated_in_two_ways_are_left_out():
    sure = (0.8, 0.1, 0.1)
    agreed = [case(0, "p", "a", sure), case(1, "p", "a", sure), case(2, "q", "b", sure)]
    torn = [case(3, "r", "b", sure), case(4, "r", "c", sure)]
    found = named(agreed + torn)
    assert found["accuracy"].value == 0.5
    assert found["accuracy"].cases == 2
    assert "1 patient whose images are annotated differently" in found["accuracy"].note


def test_images_that_were_not_annotated_help_and_those_not_read_do_not():
    cases = [
        case(0, "p", "a", (0.3, 0.4, 0.3)),
        case(1, "p", None, (0.9, 0.05, 0.05)),
        case(2, "p", "a", None),
        case(3, "q", "b", None),
        case(4, "q", "b", None),
    ]
    found = named(cases)["accuracy"]
    assert found.value == 0.5
    assert "1 patient could not be read: counted as wrong" in found.note


def test_a_part_of_the_images_holds_the_patients_that_are_in_it_as_a_whole():
    sure = (0.8, 0.1, 0.1)
    cases = [case(row, "pqr"[row // 2], "aab"[row // 2], sure) for row in range(6)]
    (accuracy,) = [one for one in figures(cases, 0.5) if one.name == "patient_t_accuracy"]
    assert accuracy.value(np.ones(6)) == pytest.approx(2 / 3)
    assert accuracy.value(np.array([1.0, 0, 1, 1, 1, 1])) == 0.5
    assert accuracy.value(np.array([1.0, 0, 1, 0, 0, 1])) is None


def test_one_image_a_patient_is_judged_as_images_alone():
    sure = (0.8, 0.1, 0.1)
    assert figures([case(0, "p", "a", sure), case(1, None, "b", sure)], 0.5) == []
    assert figures([case(0, "p", None, sure), case(1, "p", None, sure)], 0.5) == []
    assert figures([], 0.5) == []


def test_images_without_a_patient_are_patients_of_their_own():
    sure = (0.8, 0.1, 0.1)
    cases = [case(0, "p", "a", sure), case(1, "p", "a", sure), case(2, None, "b", sure)]
    assert named(cases)["accuracy"].cases == 2


def test_intervals_over_patients_hold_the_value():
    cases, *_ = drawn(VALUES, patients=30)
    found = figures(cases, 0.5)
    patients = patient_rows([sample for sample, _ in cases])
    intervals = patient_intervals(found, patients)
    figure, interval = found[0], intervals[0]
    assert interval.lower < figure.value(np.ones(len(cases))) < interval.upper
    assert all(one.by_case is None for one in found)
