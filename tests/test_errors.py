import copy
import pickle

import pytest

from polyclinic.errors import (
    ConfigError,
    DataError,
    ImageError,
    PolyclinicError,
    RunError,
    TrainingError,
    nearest,
)

KINDS = (PolyclinicError, ConfigError, DataError, ImageError, RunError, TrainingError)


def test_message_says_where_what_expected_and_what_to_do():
    error = DataError("is empty", expected="an image", where="a.png", hint="save it again")
    assert str(error) == "a.png: is empty; expected an image; save it again"


def test_message_leaves_out_what_is_not_known():
    assert str(DataError("is empty")) == "is empty"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("carry", [copy.copy, lambda error: pickle.loads(pickle.dumps(error))])
def test_errors_keep_their_parts_between_processes(kind, carry):
    error = kind("what", expected="this", where="there", hint="do")
    carried = carry(error)
    assert type(carried) is kind
    assert str(carried) == str(error)
    assert (carried.what, carried.expected, carried.where, carried.hint) == (
        "what",
        "this",
        "there",
        "do",
    )


def test_exit_codes_tell_the_kinds_apart():
    assert [kind.exit_code for kind in KINDS] == [1, 2, 3, 3, 4, 5]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("nailfld", "did you mean 'nailfold'?"), ("zzz", "known: knee, nailfold"), ("", "known:")],
)
def test_nearest(name, expected):
    assert nearest(name, ["nailfold", "knee"]).startswith(expected)
