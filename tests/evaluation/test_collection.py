import gc

import pytest

from polyclinic.data import open_cohort
from polyclinic.evaluation.collection import paused_collection
from tests.evaluation.stored import write_cohort


def test_the_search_for_cycles_rests_inside_and_goes_on_after():
    assert gc.isenabled()
    with paused_collection():
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(ValueError, match="broken"), paused_collection():
        raise ValueError("broken")
    assert gc.isenabled()
    gc.unfreeze()


def test_whoever_has_switched_it_off_finds_it_off():
    gc.disable()
    try:
        with paused_collection():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()
        gc.unfreeze()


def test_without_its_rows_a_cohort_says_the_same(tmp_path):
    cohort = open_cohort(write_cohort(tmp_path, patients=2))
    lean = cohort.without_rows()
    for sample, same in zip(cohort.samples, lean.samples, strict=True):
        assert (same.image_id, same.patient_id, same.labels) == (
            sample.image_id,
            sample.patient_id,
            sample.labels,
        )
        for one, other in zip(sample.instances, same.instances, strict=True):
            assert (other.box is one.box, other.mask is one.mask) == (True, True)
            assert (other.category, other.extra) == (one.category, {})
