import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, logit, softmax

from polyclinic.reading import Reading
from polyclinic.reading.pooled_findings import LEAST, pool_findings, pooled

NAMES = ("a", "b", "c")


def reading(image, patient, findings=None, **known):
    return Reading(
        image_id=image, size=(4, 4), patient_id=patient, findings=findings or {}, **known
    )


def shares(count):
    part = st.floats(0.01, 1)
    return st.lists(part, min_size=count, max_size=count).map(lambda p: np.array(p) / sum(p))


@given(st.integers(2, 3).flatmap(lambda k: st.lists(shares(k), min_size=1, max_size=5)))
def test_logits_are_averaged(rows):
    names = NAMES[: len(rows[0])]
    found = pooled([dict(zip(names, map(float, row), strict=True)) for row in rows])
    assert list(found) == list(names)
    assert list(found.values()) == pytest.approx(softmax(np.log(rows).mean(0)))


def test_one_image_is_taken_at_its_word():
    assert pooled([{"a": 0.2, "b": 0.5, "c": 0.3}]) == pytest.approx({"a": 0.2, "b": 0.5, "c": 0.3})


def test_of_two_values_the_logit_of_either_is_averaged():
    first, second = {"no": 0.1, "yes": 0.9}, {"no": 0.7, "yes": 0.3}
    expected = expit((logit(0.9) + logit(0.3)) / 2)
    assert pooled([first, second])["yes"] == pytest.approx(expected)
    alone = pooled([{"yes": 0.9}, {"yes": 0.3}])
    assert alone == pytest.approx({"yes": expected})


def test_no_image_alone_rules_a_value_out():
    found = pooled([{"a": 0.0, "b": 1.0}, *[{"a": 0.999, "b": 0.001}] * 4])
    assert found["a"] > 0.5
    assert pooled([{"a": 0.0, "b": 1.0}])["a"] == pytest.approx(LEAST, rel=1e-3)


def test_a_value_that_one_image_does_not_name_gets_what_is_left():
    found = pooled([{"a": 0.6, "b": 0.3, "c": 0.1}, {"a": 0.5}])
    expected = softmax(np.log([[0.6, 0.3, 0.1], [0.5, 0.25, 0.25]]).mean(0))
    assert list(found.values()) == pytest.approx(expected)


def test_patients_tasks_and_failures_keep_apart():
    yes, no = {"no": 0.2, "yes": 0.8}, {"no": 0.6, "yes": 0.4}
    found = pool_findings(
        [
            reading(1, "p", {"sick": yes}),
            reading(2, "q", {"sick": no, "stage": {"early": 0.9, "late": 0.1}}),
            reading(3, "p", {"sick": no}),
            reading(4, "p", error="truncated"),
            reading(5, None, {"sick": yes}),
            reading(6, "r"),
        ]
    )
    assert list(found) == ["p", "q"]
    assert found["p"]["sick"] == pytest.approx(pooled([yes, no]))
    assert found["q"]["sick"] == pytest.approx(no)
    assert found["q"]["stage"] == pytest.approx({"early": 0.9, "late": 0.1})


def test_nothing_stated_gives_nothing():
    assert pooled([]) == {}
    assert pooled([{}]) == {}
    assert pool_findings([]) == {}


@given(st.lists(st.dictionaries(st.sampled_from(NAMES), st.floats(0, 1)), max_size=4))
def test_whatever_is_stated_the_result_holds_probabilities(stated):
    found = pooled(stated)
    assert set(found) == {name for one in stated for name in one}
    assert all(0 <= p <= 1 for p in found.values())
    assert sum(found.values()) <= 1 + 1e-9
