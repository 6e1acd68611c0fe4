import numpy as np
import pytest

from polyclinic.metrics.classify.answers import finding_answers, word_of
from polyclinic.reading import Reading
from polyclinic.sample import Sample


def case(label, stated, task="grade", error=None, image=1):
    """A labelled sample beside the finding that was read; None where there is none."""
    labels = {} if label is None else {task: label}
    findings = {} if stated is None else {task: stated}
    return (
        Sample(image_id=image, size=(4, 4), labels=labels),
        Reading(image_id=image, size=(4, 4), findings=findings, error=error),
    )


def test_labels_are_compared_by_their_name():
    cases = [case(1, {"0": 0.2, "1": 0.8}), case("0", {"0": 0.2, "1": 0.8}), case(1.0, {"1.0": 1})]
    (one,) = finding_answers(cases)
    assert one.values == ("0", "1")
    np.testing.assert_array_equal(one.true, [1, 0, 1])
    np.testing.assert_allclose(one.probabilities, [[0.2, 0.8], [0.2, 0.8], [0, 1]])
    assert (word_of(float("nan")), word_of(None)) == (None, None)
    assert (word_of(2.5), word_of(-3.0), word_of(True), word_of("x.0")) == (
        "2.5",
        "-3",
        "True",
        "x.0",
    )


def test_what_was_not_annotated_is_left_out_and_silence_is_a_wrong_answer():
    stated = {"a": 0.5, "b": 0.5}
    cases = [case(None, stated), case("a", None), case("b", stated)]
    (one,) = finding_answers(cases)
    np.testing.assert_array_equal(one.rows, [1, 2])
    np.testing.assert_array_equal(one.failed, [True, False])
    np.testing.assert_array_equal(one.readable().rows, [2])
    assert "1 image could not be read: left out" in one.readable().note
    (silent,) = finding_answers([case(None, stated), case("a", None)])
    assert (silent.failed.tolist(), len(silent.readable().rows)) == ([True], 0)
    assert finding_answers([]) == []


@pytest.mark.parametrize(
    ("stated", "said"),
    [({"no": 0.9, "yes": 0.1}, [1, 0]), ({"a": 0.2, "b": 0.7, "c": 0.1}, [3, 3])],
)
def test_an_image_that_could_not_be_read_is_the_worst_answer(stated, said):
    first, second, *_ = stated
    cases = [
        case(first, None, error="truncated"),
        case(second, None, error="truncated"),
        case(second, stated),
    ]
    (one,) = finding_answers(cases)
    np.testing.assert_array_equal(one.said[:2], said)
    np.testing.assert_allclose(one.probabilities[:2], 1 - np.eye(len(stated))[:2])
    np.testing.assert_array_equal(one.failed, [True, True, False])
    assert "2 images could not be read" in one.note


@pytest.mark.parametrize(
    ("values", "ordered"),
    [
        (("abnormal", "Normal"), ("Normal", "abnormal")),
        (("yes", "no"), ("no", "yes")),
        (("True", "False"), ("False", "True")),
        (("left", "right"), ("left", "right")),
        (("10", "2", "-1"), ("-1", "2", "10")),
        (("mild", "severe", "none"), ("mild", "severe", "none")),
    ],
)
def test_the_second_of_two_values_is_the_positive_one(values, ordered):
    stated = dict.fromkeys(values, 1 / len(values))
    (one,) = finding_answers([case(values[0], stated)])
    assert one.values == ordered
    assert one.note == f"only {values[0]!r} is annotated"


def test_grades_are_whole_numbers():
    assert finding_answers([case(0, {"0": 0.5, "1": 0.3, "4": 0.2})])[0].grades == (0, 1, 4)
    assert finding_answers([case("a", {"0": 0.5, "a": 0.5})])[0].grades is None


def test_a_value_that_the_reader_does_not_know_is_said():
    (one,) = finding_answers([case("c", {"a": 0.5, "b": 0.5}), case("a", {"a": 1.0, "b": 0.0})])
    assert one.values == ("a", "b", "c")
    np.testing.assert_allclose(one.probabilities[:, 2], 0)
    assert one.note == "a value that the reader does not know: 1 image"


def test_a_reader_that_states_one_value_leaves_the_rest_to_the_other():
    (one,) = finding_answers([case("yes", {"yes": 0.7}), case("no", {"yes": 0.4})])
    assert one.values == ("no", "yes")
    np.testing.assert_allclose(one.probabilities, [[0.3, 0.7], [0.6, 0.4]])
    assert one.note == ""


def test_what_the_reader_can_say_is_learnt_from_images_without_a_label_too():
    stated = {"0": 0.2, "1": 0.3, "2": 0.5}
    (one,) = finding_answers([case(None, stated), case(1, None, error="truncated")])
    assert one.values == ("0", "1", "2")
    np.testing.assert_array_equal(one.said, [3])
