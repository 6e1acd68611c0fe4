"""The fastest way that reads as the plain one does."""

import pytest

from polyclinic.errors import ConfigError
from polyclinic.runtime.agreement import Agreement
from polyclinic.runtime.choose import Trial, fastest
from polyclinic.runtime.precision import AS_MADE, WAYS, Way, way_of

PLAIN = Trial(way=AS_MADE, seconds=4.0, agreement=Agreement())


def test_the_fastest_that_agrees_is_taken():
    same = Trial(way=Way("openvino", "fp32"), seconds=2.0, agreement=Agreement())
    other = Trial(way=Way("openvino", "bf16"), seconds=1.0, agreement=Agreement(landmarks_px=3.0))
    assert fastest([PLAIN, same, other]) is same
    assert fastest([PLAIN, other]) is PLAIN
    assert "landmarks_px 3 (limit" in str(other)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_ways_are_named_and_found(way):
    assert way_of(str(way)) == way


def test_what_users_ask_for():
    assert way_of(None) == way_of("fp32") == AS_MADE
    with pytest.raises(ConfigError, match="no precision"):
        way_of("fp64")
