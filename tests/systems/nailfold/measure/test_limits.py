import pytest

from polyclinic.errors import ConfigError
from polyclinic.systems.nailfold.measure.limits import CapillaryLimits


def test_every_limit_says_where_it_comes_from():
    limits = CapillaryLimits()
    for name in CapillaryLimits.model_fields:
        assert limits.source(name)
    assert "unverified" in limits.source("giant_um")
    assert "unverified" not in limits.source("csuri_cutoff")


def test_an_edited_limit_is_the_users():
    edited = CapillaryLimits.parse({"giant_um": 45})
    assert edited.giant_um == 45
    assert edited.source("giant_um").startswith("set by the user; default 50")


def test_a_misspelt_limit_is_refused():
    with pytest.raises(ConfigError, match="giant_um"):
        CapillaryLimits.parse({"gaint_um": 45})
