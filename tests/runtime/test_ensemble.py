"""An ensemble reads as its members do, and as one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from polyclinic.data import open_cohort
from polyclinic.errors import DataError, ImageError
from polyclinic.runs.load import load_run
from polyclinic.runtime.ensemble import Ensemble
from polyclinic.runtime.inputs import samples_from
from tests.runtime.fuse.drawn import assert_same

ACCEPT = 0.06


@pytest.fixture(scope="module")
def member(run):
    reader = load_run(run)
    reader.accept = ACCEPT
    return reader


@pytest.fixture(scope="module")
def other(run):
    """Like `member`, but with slightly other weights."""
    reader = load_run(run)
    reader.accept = 0.1
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in reader.network.parameters():
            noise = torch.randn(weight.shape, generator=generator)
            weight += 0.02 * weight.abs().mean() * noise
    return reader


@pytest.fixture(scope="module")
def samples(phantoms):
    """One is enough: what a hardly trained network finds in it takes a second to fuse."""
    return list(open_cohort(phantoms).samples[:1])


def test_identical_members_read_what_one_reads(member, samples):
    together = Ensemble([member] * 3).read_each(samples)
    for fused, alone in zip(together, member.read_each(samples), strict=True):
        assert alone.instances, "the reader must say something for this test to mean anything"
        assert_same(fused, alone, quality=False)
        assert fused.measurements == alone.measurements
        assert 0 < fused.quality["agreement"] <= 1


def test_members_may_come_in_any_order(member, other, samples):
    one, another = Ensemble([member, other]), Ensemble([other, member])
    assert one.accept == another.accept == pytest.approx((ACCEPT + 0.1) / 2)
    for first, second in zip(one.read_each(samples), another.read_each(samples), strict=True):
        assert_same(first, second)
        assert first.quality["agreement"] < 1


def test_candidates_hold_what_is_accepted(member, other, samples):
    ensemble = Ensemble([member, other], accept=0.08)
    eager = ensemble.with_candidates()
    for some, every in zip(ensemble.read_each(samples), eager.read_each(samples), strict=True):
        assert len(every.instances) >= len(some.instances)
        assert_same(some, every.accepted(ensemble.accept))
    assert member.accept == ACCEPT, "the members themselves stay as they are"


def test_measurements_are_those_of_the_fused_reading(member, other, samples):
    ensemble = Ensemble([member, other], accept=0.05)
    reading = ensemble.read(samples[0])
    assert reading.measurements
    assert reading.measurements == member.measurer.measure(replace(reading, measurements=()))
    assert reading.provenance["members"] == 2
    assert reading.provenance["data_digest"] == member.provenance["data_digest"]


def test_a_broken_file_does_not_stop_the_rest(member, phantoms, tmp_path):
    ensemble = Ensemble([member, member])
    bad = tmp_path / "bad.png"
    bad.write_text("no picture")
    first, second = ensemble.read_each(samples_from([bad, min(phantoms.parent.glob("images/*"))]))
    assert "text file" in first.error
    assert second.error is None
    with pytest.raises(ImageError, match="uint8"):
        ensemble.read(np.zeros((40, 40), np.float32))


def test_members_must_read_the_same_things(member, run):
    stranger = load_run(run)
    stranger.classes = ("something else",)
    with pytest.raises(DataError, match="different classes"):
        Ensemble([member, stranger])
    with pytest.raises(DataError, match="no member"):
        Ensemble([])
