"""The fastest way that reads as the plain one does."""

import pytest

from polyclinic.errors import ConfigError
from polyclinic.runtime.agreement import Agreement
from polyclinic.runtime.choose import Trial, fastest
from polyclinic.runtime.precision import AS_MADE, BACKENDS, Backend, backend_of

PLAIN = Trial(way=AS_MADE, seconds=4.0, agreement=Agreement())


def test_the_fastest_that_agrees_is_taken():
    same = Trial(way=Backend("openvino", "fp32"), seconds=2.0, agreement=Agreement())
    other = Trial(
        way=Backend("openvino", "bf16"), seconds=1.0, agreement=Agreement(landmarks_px=3.0)
    )
    assert fastest([PLAIN, same, other]) is same
    assert fastest([PLAIN, other]) is PLAIN
    assert "landmarks_px 3 (limit" in str(other)


@pytest.mark.parametrize("way", BACKENDS, ids=str)
def test_ways_are_named_and_found(way):
    assert backend_of(str(way)) == way


def test_what_users_ask_for():
    assert backend_of(None) == backend_of("fp32") == AS_MADE
    with pytest.raises(ConfigError, match="no precision"):
        backend_of("fp64")
